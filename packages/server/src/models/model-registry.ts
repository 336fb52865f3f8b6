import type { ModelAnswer, ModelSource, RouteAnswer } from '@vesalius/api';
import type { Volume } from '@vesalius/volume';
import type { Access } from '../store/archive.ts';

/** A point that a person set: the voxel belongs to the class. */
export interface Click {
  /** Of the volume that is predicted; 0 to size - 1, may lie between voxels. */
  readonly voxel: readonly [x: number, y: number, z: number];
  /** Value in label maps; 0 is background. */
  readonly value: number;
}

export interface PredictionRequest {
  /** One for each channel of the model, all on one grid. */
  readonly channels: readonly Volume[];
  /** Only for models that are `interactive`. */
  readonly clicks?: readonly Click[];
  /** What the clicks correct, on the grid of the channels. */
  readonly previous?: Volume<Uint8Array>;
  /** Also give the entropy of the classes' probabilities, 0 to 1. */
  readonly uncertainty?: boolean;
  readonly signal?: AbortSignal;
  progress?(fraction: number): void;
}

export interface Prediction {
  /** On the grid of the channels. */
  readonly labels: Volume<Uint8Array>;
  readonly uncertainty?: Volume<Float32Array>;
  /** Milliseconds: opening the model, preparing, running, putting back on the grid. */
  readonly timesMs: Readonly<Record<'open' | 'prepare' | 'infer' | 'invert', number>>;
}

/** What a model weighed in every place of a scan, 0 to 1. */
export interface ExplanationMap {
  readonly name: string;
  /** On the grid of the channels. */
  readonly volume: Volume<Float32Array>;
}

/** A label map that was exported for a training; the bundle says what it was used for. */
export type LabelSource = Omit<ModelSource, 'use'>;

/** A bundle in the registry; what it says of itself stands in the API's own words. */
export type Model = ModelAnswer;

/** The bundles that the server holds; opened models stay ready for the next prediction, within bounds. */
export interface ModelRegistry {
  /** Newest first. */
  list(access: Access): Promise<readonly Model[]>;
  get(id: string, access: Access): Promise<Model | undefined>;
  /**
   * Copies a bundle folder into the registry once its signature, hashes and shapes were checked.
   *
   * @throws what reading a bundle throws
   */
  add(
    folder: string,
    options: { readonly project: string; readonly training?: string; readonly sources?: readonly LabelSource[] },
  ): Promise<Model>;
  /** What it learned from and was measured on, where it was trained here. */
  sources(model: Model): Promise<readonly ModelSource[]>;
  /** @returns false where there is none */
  remove(id: string, access: Access): Promise<boolean>;
  /** The bundle's files; only to be read. */
  folderOf(model: Model): string;
  /** The time of each operation on this machine, as events of onnxruntime. */
  profile(model: Model): Promise<RouteAnswer<'profileModel'>>;
  /** Opens it before a prediction is asked for. */
  ready(model: Model): Promise<void>;
  /** @throws CHANNEL_MISMATCH and what predicting throws */
  predict(model: Model, request: PredictionRequest): Promise<Prediction>;
  /** @throws FILE_UNSUPPORTED for a model that explains nothing, and what predicting throws */
  explain(model: Model, request: Pick<PredictionRequest, 'channels' | 'signal'>): Promise<readonly ExplanationMap[]>;
}
