import {
  defaultTarget,
  openOnnx,
  type RuntimeOptions,
  type Session,
  type TensorValue,
  toOnnx,
  withValues,
  writeOnnx,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { createVolume, resampleLabels, type Volume } from '@vesalius/volume';
import type { TrainingPlan } from '../planning/training-plan.ts';
import { plannedScan } from '../training/planned-scan.ts';
import { stackChannels } from '../training/prepare-sample.ts';
import { buildPredictionGraph, spatialShape } from '../training/segmentation-graphs.ts';
import { type MethodNetworks, setupOfPlan, sizeOfShape } from '../training/setup-of-plan.ts';
import { withFlips } from './flip-predictor.ts';
import { normalizeChannels } from './normalize-channels.ts';
import { onGridOf, resampleMap } from './on-grid-of.ts';
import { withShift } from './shift-predictor.ts';
import { type InferenceImage, slidingWindowInference, type WindowPredictor } from './sliding-window-inferer.ts';

/** A scan is predicted whole up to this many times the voxels of the patch trained on, window by window beyond. */
const WHOLE_UP_TO_PATCHES = 2;

export interface VolumePredictorOptions extends RuntimeOptions {
  readonly plan: TrainingPlan;
  /** Where the plan's network is found if it is none of medical's own. */
  readonly methods?: MethodNetworks;
  /** The image model, as ONNX. */
  readonly model: Uint8Array;
  readonly weights: ReadonlyMap<string, TensorValue>;
  /** Averages over mirrored windows, along the axes that training mirrored. */
  readonly mirror?: boolean;
  /** Opens the model that takes one window; one that runs several at once is asked for as many. */
  readonly openWindowModel?: typeof openOnnx;
}

export interface PredictOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface DetailOptions extends PredictOptions {
  /** Also give the entropy of the classes' probabilities; runs window by window then. */
  readonly uncertainty?: boolean;
}

export interface DetailedPrediction {
  readonly labels: Volume<Uint8Array>;
  /** 0 where one class is certain, 1 where all are as likely; on the scan's own grid. */
  readonly uncertainty?: Volume<Float32Array>;
  /** Milliseconds: onto the model's grid, the network, back to the scan's grid. */
  readonly timesMs: Readonly<Record<'prepare' | 'infer' | 'invert', number>>;
}

export interface VolumePredictor {
  /**
   * Label map of a scan, on the scan's own grid.
   *
   * @param channels - one volume a channel, on one grid
   * @throws DATA_MISMATCH for another number of channels than the plan's, INTERRUPTED
   */
  predict(channels: readonly Volume[], options?: PredictOptions): Promise<Volume<Uint8Array>>;
  /** As `predict`, with what else can be told of the answer. */
  predictInDetail(channels: readonly Volume[], options?: DetailOptions): Promise<DetailedPrediction>;
  close(): Promise<void>;
}

/** Runs a trained model on scans as they come from the scanner. */
export async function createVolumePredictor(options: VolumePredictorOptions): Promise<VolumePredictor> {
  return new Predictor(options, await openOnnx(options.model, options));
}

/** On the model's grid. */
interface Answer {
  readonly voxels: Uint8Array<ArrayBuffer>;
  readonly entropy?: Float32Array<ArrayBuffer>;
}

class Predictor implements VolumePredictor {
  readonly #options: VolumePredictorOptions;
  readonly #session: Session;
  #windows: Promise<Session> | undefined;

  constructor(options: VolumePredictorOptions, session: Session) {
    this.#options = options;
    this.#session = session;
  }

  async predict(channels: readonly Volume[], options: PredictOptions = {}): Promise<Volume<Uint8Array>> {
    return (await this.predictInDetail(channels, options)).labels;
  }

  async predictInDetail(channels: readonly Volume[], options: DetailOptions = {}): Promise<DetailedPrediction> {
    const started = performance.now();
    const { plan } = this.#options;
    const expected = plan.network.value.inChannels;
    const [scan] = channels;
    if (!scan || channels.length !== expected)
      throw new VesaliusError('DATA_MISMATCH', { what: 'channels of the scan', got: channels.length, expected });
    const planned = plannedScan(channels, plan);
    const image = stackChannels(planned.channels);
    const prepared = performance.now();
    const { voxels, entropy } = await this.#labels(image, options);
    const inferred = performance.now();
    const { size, voxelToLps } = planned.channels[0] as Volume;
    const labels = onGridOf(scan, planned.whole(createVolume({ voxels, size, voxelToLps })), resampleLabels);
    const uncertainty =
      entropy && onGridOf(scan, planned.whole(createVolume({ voxels: entropy, size, voxelToLps })), resampleMap);
    const timesMs = { prepare: prepared - started, infer: inferred - prepared, invert: performance.now() - inferred };
    return { labels, ...(uncertainty && { uncertainty }), timesMs };
  }

  async close(): Promise<void> {
    await this.#session.close();
    await (await this.#windows)?.close();
  }

  #labels(image: InferenceImage, options: DetailOptions): Promise<Answer> {
    const byWindows = this.#options.mirror || options.uncertainty || !this.#fitsWhole(image);
    return byWindows ? this.#byWindows(image, options) : this.#whole(image);
  }

  #fitsWhole({ shape: [, ...size] }: InferenceImage): boolean {
    const { network, patchShape } = this.#options.plan;
    const patch = sizeOfShape(patchShape.value);
    const { value } = network;
    return value.name === 'Method' && value.fixedSize
      ? size.every((n, axis) => n <= (patch[axis] as number))
      : voxelsOf(size) <= WHOLE_UP_TO_PATCHES * voxelsOf(patch);
  }

  async #whole({ data, shape }: InferenceImage): Promise<Answer> {
    const { labels } = await this.#session.run({ image: { shape: [1, ...shape], dtype: 'float32', data } });
    return { voxels: labels?.data as Uint8Array<ArrayBuffer> };
  }

  async #byWindows(image: InferenceImage, { signal, onProgress, uncertainty }: DetailOptions): Promise<Answer> {
    const { plan, mirror } = this.#options;
    const roiSize = sizeOfShape(plan.inferer.value.roiShape);
    const [, depth, height, width] = image.shape;
    const area = height * width;
    const labels = new Uint8Array(depth * area);
    const entropy = uncertainty ? new Float32Array(depth * area) : undefined;
    const values = plan.classes.map(({ value }) => value);
    this.#windows ??= this.#openWindows();
    const session = await this.#windows;
    const single = this.#windowPredictor(session);
    const offset = 3 - plan.spatialDimensions.value;
    const chosen = mirror ? plan.augmentation.value.mirrorAxes : plan.inferer.value.mirrorAxes;
    const axes = chosen.map((axis) => axis + offset);
    const turned = axes.length > 0 ? withFlips(single, { roiSize, axes }) : single;
    await slidingWindowInference(
      { data: normalizeChannels(image, plan.normalization.value), shape: image.shape },
      plan.inferer.value.shifted ? withShift(turned, roiSize) : turned,
      (z, slice) => {
        labels.set(winners(slice, area, values), z * area);
        entropy?.set(entropies(slice, area, values.length), z * area);
      },
      {
        roiSize,
        overlap: plan.inferer.value.overlap,
        mode: plan.inferer.value.mode,
        classes: values.length,
        // One lies ready where a run ends.
        ahead: session.parallelRuns + 1,
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
      },
    );
    return { voxels: labels, ...(entropy && { entropy }) };
  }

  #windowPredictor(session: Session): WindowPredictor {
    const { plan } = this.#options;
    const roiSize = sizeOfShape(plan.inferer.value.roiShape);
    const shape = [1, plan.network.value.inChannels, ...spatialShape(roiSize)];
    return async (window) => {
      const { probabilities } = await session.run({ image: { shape, dtype: 'float32', data: window } });
      return probabilities?.data as Float32Array;
    };
  }

  async #openWindows(): Promise<Session> {
    const { plan, methods, weights, openWindowModel = openOnnx } = this.#options;
    const { program } = buildPredictionGraph(setupOfPlan(plan, methods), sizeOfShape(plan.inferer.value.roiShape));
    const missing = Object.keys(program.states).find((name) => !weights.has(name));
    if (missing !== undefined)
      throw new VesaliusError('CHECKPOINT_MISMATCH', {
        what: 'weights',
        got: `no ${missing}`,
        expected: 'those of the plan',
      });
    const target = await defaultTarget(this.#options);
    return openWindowModel(writeOnnx(withValues(toOnnx(program.outputs, { target }), weights)), this.#options);
  }
}

const voxelsOf = (size: readonly number[]): number => size.reduce((product, n) => product * n, 1);

/** Label value of the likeliest class of each pixel. */
function winners(slice: Float32Array, area: number, values: readonly number[]): Uint8Array {
  const labels = new Uint8Array(area);
  for (let i = 0; i < area; i++) {
    let best = 0;
    for (let k = 1; k < values.length; k++)
      if ((slice[k * area + i] as number) > (slice[best * area + i] as number)) best = k;
    labels[i] = values[best] as number;
  }
  return labels;
}

/** Entropy of each pixel's classes as a share of the most there can be. */
function entropies(slice: Float32Array, area: number, classes: number): Float32Array {
  const shares = new Float32Array(area);
  const most = Math.log(classes);
  for (let i = 0; i < area; i++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += slice[k * area + i] as number;
    let entropy = 0;
    for (let k = 0; k < classes; k++) {
      const share = (slice[k * area + i] as number) / sum;
      if (share > 0) entropy -= share * Math.log(share);
    }
    shares[i] = Math.min(1, entropy / most);
  }
  return shares;
}
