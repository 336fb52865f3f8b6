import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { Size } from '../transforms/sample.ts';
import type { DetectionCase } from './detection-case.ts';
import { type DetectorSetup, OUTPUT_STRIDE } from './detector-setup.ts';

export interface DetectionBatch {
  /** `[B, 1, ...patch]` */
  readonly image: Float32Array;
  /** `[B, 1, ...patch / 2]` */
  readonly heat: Float32Array;
  readonly size: Float32Array;
}

/** What lies outside a scan is air. */
const AIR = -1;
/** Voxels between a finding and the border of its patch, where there is room. */
const MARGIN = 4;
const NOISE = 0.03;
/** Of the answer's voxels, so that the smallest finding has neighbours that count. */
const LEAST_SIGMA = 0.8;

/**
 * Patches, mirrored and changed in brightness at random, some around a finding and some anywhere. A batch depends on the seed and its step alone.
 *
 * @throws EMPTY_FOLDER without a case
 */
export function createDetectionBatches(
  cases: readonly DetectionCase[],
  setup: DetectorSetup,
  seed: number,
): (step: number) => DetectionBatch {
  if (cases.length === 0) throw new VesaliusError('EMPTY_FOLDER', { what: 'training scans', got: 0, expected: 1 });
  const root = new Random(seed).fork('detection');
  const { patchSize, batchSize } = setup;
  const voxels = volumeOf(patchSize);
  const places = volumeOf(answerSize(patchSize));
  return (step) => {
    const batch: DetectionBatch = {
      image: new Float32Array(batchSize * voxels),
      heat: new Float32Array(batchSize * places),
      size: new Float32Array(batchSize * places),
    };
    for (let i = 0; i < batchSize; i++) {
      const random = root.fork(step * batchSize + i);
      const chosen = cases[random.integer(cases.length)] as DetectionCase;
      const start = startOf(chosen, setup, random);
      const mirrored = patchSize.map(() => random.uniform() < 0.5);
      drawImage(batch.image.subarray(i * voxels, (i + 1) * voxels), chosen, { start, patchSize, mirrored, random });
      drawTargets(
        {
          heat: batch.heat.subarray(i * places, (i + 1) * places),
          size: batch.size.subarray(i * places, (i + 1) * places),
        },
        chosen,
        { start, setup, mirrored },
      );
    }
    return batch;
  };
}

export const answerSize = (size: Size): Size => size.map((n) => n / OUTPUT_STRIDE) as unknown as Size;

const volumeOf = (size: Size): number => size[0] * size[1] * size[2];

/** First voxel of a patch: around a finding, or anywhere. */
function startOf({ shape, findings }: DetectionCase, { patchSize, findingShare }: DetectorSetup, random: Random): Size {
  const finding = random.uniform() < findingShare ? findings[random.integer(Math.max(1, findings.length))] : undefined;
  return patchSize.map((length, axis) => {
    const room = Math.max(0, (shape[axis] as number) - length);
    if (!finding) return Math.floor(random.uniform() * (room + 1));
    const place = Math.round(finding.place[axis] as number);
    const inside = MARGIN + Math.floor(random.uniform() * (length - 2 * MARGIN));
    return Math.min(room, Math.max(0, place - inside));
  }) as unknown as Size;
}

interface Patch {
  readonly start: Size;
  readonly patchSize: Size;
  readonly mirrored: readonly boolean[];
  readonly random: Random;
}

function drawImage(
  into: Float32Array,
  { data, shape }: DetectionCase,
  { start, patchSize, mirrored, random }: Patch,
): void {
  const [gain, shift] = [0.9 + 0.2 * random.uniform(), 0.1 * (random.uniform() - 0.5)];
  const noise = NOISE * random.uniform();
  const at = (axis: number, i: number): number =>
    (start[axis] as number) + (mirrored[axis] ? (patchSize[axis] as number) - 1 - i : i);
  let to = 0;
  for (let z = 0; z < patchSize[0]; z++)
    for (let y = 0; y < patchSize[1]; y++)
      for (let x = 0; x < patchSize[2]; x++, to++) {
        const value = voxelAt(data, shape, [at(0, z), at(1, y), at(2, x)]);
        into[to] = Math.min(1.2, Math.max(-1.2, gain * value + shift + noise * random.normal()));
      }
}

function voxelAt(data: Float32Array, [depth, height, width]: Size, [z, y, x]: Size): number {
  if (z >= depth || y >= height || x >= width) return AIR;
  return data[(z * height + y) * width + x] as number;
}

function drawTargets(
  into: Pick<DetectionBatch, 'heat' | 'size'>,
  { findings }: DetectionCase,
  { start, setup, mirrored }: { start: Size; setup: DetectorSetup; mirrored: readonly boolean[] },
): void {
  const { patchSize, spacingMm } = setup;
  const size = answerSize(patchSize);
  for (const { place, diameterMm } of findings) {
    const inPatch = place.map((value, axis) => {
      const inside = value - (start[axis] as number);
      return mirrored[axis] ? (patchSize[axis] as number) - 1 - inside : inside;
    });
    // A place of the answer stands for two voxels, so its middle lies between them.
    const centre = inPatch.map((value) => (value - (OUTPUT_STRIDE - 1) / 2) / OUTPUT_STRIDE);
    const nearest = centre.map(Math.round);
    if (nearest.some((value, axis) => value < 0 || value >= (size[axis] as number))) continue;
    const sigma = Math.max(LEAST_SIGMA, diameterMm / spacingMm / OUTPUT_STRIDE / 6);
    const reach = Math.ceil(3 * sigma);
    const [from, to] = [-reach, reach].map((offset) =>
      nearest.map((value, axis) => Math.min((size[axis] as number) - 1, Math.max(0, value + offset))),
    ) as [number[], number[]];
    for (let z = from[0] as number; z <= (to[0] as number); z++)
      for (let y = from[1] as number; y <= (to[1] as number); y++)
        for (let x = from[2] as number; x <= (to[2] as number); x++) {
          const at = (z * size[1] + y) * size[2] + x;
          const squared = [z, y, x].reduce((sum, value, axis) => sum + (value - (nearest[axis] as number)) ** 2, 0);
          const heat = Math.exp(-squared / (2 * sigma ** 2));
          if (heat <= (into.heat[at] as number)) continue;
          into.heat[at] = heat;
          into.size[at] = Math.log(diameterMm / 10);
        }
  }
}
