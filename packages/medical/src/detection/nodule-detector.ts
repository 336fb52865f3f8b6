import {
  ops as $,
  compile,
  createNetworkBuilder,
  type RuntimeOptions,
  type Tensor,
  type TensorValue,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { applyAffine, type Triple, type Volume } from '@vesalius/volume';
import type { Size } from '../transforms/sample.ts';
import { answerSize } from './detection-batches.ts';
import { type DetectionCase, detectionCase } from './detection-case.ts';
import { detectorNetwork } from './detector-network.ts';
import { type DetectorSetup, OUTPUT_STRIDE } from './detector-setup.ts';
import { type Candidate, distance } from './finding.ts';

export interface NoduleDetector {
  /**
   * The places of a scan that may be findings, the most certain first.
   *
   * @throws INTERRUPTED
   */
  find(scan: Volume, options?: FindOptions): Promise<Candidate[]>;
  close(): Promise<void>;
}

export interface FindOptions {
  /** At most so many; 100 by default. */
  readonly most?: number;
  readonly signal?: AbortSignal;
}

export interface NoduleDetectorOptions extends RuntimeOptions {
  readonly setup: DetectorSetup;
  readonly weights: ReadonlyMap<string, TensorValue>;
}

/** Below this nothing is taken for a finding. */
const LEAST_SCORE = 0.02;
const MOST = 100;
/** Share of a window at each end that its neighbour answers for. */
const BORDER = 1 / 8;

/** A trained detector, ready for scans of any size. @throws CHECKPOINT_MISMATCH when the weights are of another */
export async function createNoduleDetector({
  setup,
  weights,
  ...runtime
}: NoduleDetectorOptions): Promise<NoduleDetector> {
  const program = await compile(detectorGraph(setup), runtime);
  for (const name of program.stateNames) {
    const value = weights.get(name);
    if (!value)
      throw new VesaliusError('CHECKPOINT_MISMATCH', { what: 'weights', got: `no ${name}`, expected: 'a detector' });
    program.writeState(name, value);
  }
  const { patchSize } = setup;
  const answer = async (window: Float32Array): Promise<WindowAnswer> => {
    const image = { shape: [1, 1, ...patchSize], dtype: 'float32', data: window } as const;
    const { heat, size } = await program.run({ image });
    return { heat: heat?.data as Float32Array, size: size?.data as Float32Array };
  };
  return {
    find: async (volume, { most = MOST, signal } = {}) => {
      const { scan, grid } = detectionCase(volume, [], setup);
      const peaks: Peak[] = [];
      for (const start of windowStarts(scan.shape, patchSize)) {
        if (signal?.aborted) throw new VesaliusError('INTERRUPTED', { what: 'detection', got: 'stopped' });
        const found = peaksIn(await answer(windowAt(scan, start, patchSize)), patchSize);
        peaks.push(...found.flatMap((peak) => placed(peak, { start, patchSize, shape: scan.shape })));
      }
      const candidates = peaks.map(({ place: [z, y, x], ...rest }): Candidate => {
        const [left, back, up] = applyAffine(grid.voxelToLps, [x, y, z]);
        return { centreMm: [left, back, up], ...rest };
      });
      return apart(candidates).slice(0, most);
    },
    close: () => program.close(),
  };
}

/** One window as a graph: `image` `[1, 1, ...patch]`, -1 to 1; `heat` 0 to 1 and `size` (millimetres), `[1, 1, ...patch / 2]`. Weights are states. */
export function detectorGraph(setup: DetectorSetup) {
  const { scope, variables } = createNetworkBuilder();
  const { heat, size } = detectorNetwork(scope, $.input('image', [1, 1, ...setup.patchSize]), setup);
  const outputs: Record<string, Tensor> = { heat: $.sigmoid(heat), size: $.mul($.exp(size), 10) };
  return { outputs, states: Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }])) };
}

interface WindowAnswer {
  readonly heat: Float32Array;
  readonly size: Float32Array;
}

interface Peak {
  /** Voxels along z, y, x. */
  readonly place: Triple;
  readonly score: number;
  readonly diameterMm: number;
}

/** Windows side by side, each answering for its middle. */
function windowStarts(shape: Size, patchSize: Size): Size[] {
  const [zs, ys, xs] = shape.map((length, axis) => {
    const patch = patchSize[axis] as number;
    const step = patch - 2 * Math.floor(patch * BORDER);
    const last = Math.max(0, length - patch);
    const count = Math.ceil(last / step);
    return Array.from({ length: count + 1 }, (_, i) => Math.min(last, i * step));
  }) as [number[], number[], number[]];
  return zs.flatMap((z) => ys.flatMap((y) => xs.map((x): Size => [z, y, x])));
}

/** Air where the scan ends. */
function windowAt({ data, shape: [depth, height, width] }: DetectionCase, start: Size, [d, h, w]: Size): Float32Array {
  const window = new Float32Array(d * h * w).fill(-1);
  const columns = Math.min(w, width - start[2]);
  for (let z = 0; z < Math.min(d, depth - start[0]); z++)
    for (let y = 0; y < Math.min(h, height - start[1]); y++) {
      const from = ((start[0] + z) * height + start[1] + y) * width + start[2];
      window.set(data.subarray(from, from + columns), (z * h + y) * w);
    }
  return window;
}

/** Places that no neighbour outdoes, in voxels of the window. */
function peaksIn({ heat, size }: WindowAnswer, patchSize: Size): Peak[] {
  const [depth, height, width] = answerSize(patchSize);
  const peaks: Peak[] = [];
  for (let z = 0, at = 0; z < depth; z++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++, at++) {
        const score = heat[at] as number;
        if (score < LEAST_SCORE) continue;
        const around = neighbourhood([z, y, x], [depth, height, width]);
        if (around.some((other) => (heat[other] as number) > score || (heat[other] === score && other < at))) continue;
        const middle = (value: number): number => OUTPUT_STRIDE * value + (OUTPUT_STRIDE - 1) / 2;
        peaks.push({ place: [middle(z), middle(y), middle(x)], score, diameterMm: size[at] as number });
      }
  return peaks;
}

function neighbourhood([z, y, x]: Size, [depth, height, width]: Size): number[] {
  const near = (value: number, length: number): number[] =>
    [value - 1, value, value + 1].filter((n) => n >= 0 && n < length);
  return near(z, depth).flatMap((k) =>
    near(y, height).flatMap((j) => near(x, width).map((i) => (k * height + j) * width + i)),
  );
}

/** The peak in voxels of the scan; none where a neighbouring window answers, or outside. */
function placed(
  { place, ...peak }: Peak,
  { start, patchSize, shape }: { readonly start: Size; readonly patchSize: Size; readonly shape: Size },
): Peak[] {
  const inside = place.every((value, axis) => {
    const [length, from, patch] = [shape[axis], start[axis], patchSize[axis]] as [number, number, number];
    const border = Math.floor(patch * BORDER);
    const low = from === 0 ? 0 : border;
    const high = from + patch >= length ? Math.min(patch, length - from) : patch - border;
    return value >= low && value < high;
  });
  if (!inside) return [];
  const [z, y, x] = place.map((value, axis) => value + (start[axis] as number)) as unknown as Triple;
  return [{ ...peak, place: [z, y, x] }];
}

/** The most certain first; none within the radius of a more certain one. */
function apart(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score)) {
    const taken = kept.some(({ centreMm, diameterMm }) => distance(centreMm, candidate.centreMm) < diameterMm / 2);
    if (!taken) kept.push(candidate);
  }
  return kept;
}
