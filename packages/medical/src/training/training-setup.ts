import type { Scope, Tensor } from '@vesalius/engine';
import type { Triple } from '@vesalius/volume';
import type { DynUNetOptions } from '../networks/dyn-unet.ts';
import type { UNetOptions } from '../networks/unet.ts';
import type { Size } from '../transforms/sample.ts';
import type { LearningRateSchedule } from './learning-rate.ts';

/** Of every level that is supervised, the finest first. */
export interface NetworkAnswer {
  /** `[B, K, ...S]` each, at its own size. */
  readonly logits: readonly Tensor[];
  /** `[n B, K, ...S]` each: n answers more to the same samples, batch after batch, which only a training asks for; none by default. */
  readonly auxiliary?: readonly Tensor[];
  /** Scalar that is made small beside what the labels ask for; only while training. */
  readonly penalty?: Tensor;
}

export type NetworkBuilder = (scope: Scope, x: Tensor) => NetworkAnswer;

/** A network by MONAI's name, with its options; or one that another package builds. */
export type NetworkSetup =
  | { readonly name: 'DynUNet'; readonly options: DynUNetOptions }
  | { readonly name: 'UNet'; readonly options: UNetOptions }
  | { readonly name: 'Method'; readonly method: string; readonly build: NetworkBuilder; readonly fixedSize: boolean };

export type OptimizerSetup =
  | { readonly name: 'AdamW'; readonly weightDecay: number; readonly beta2?: number }
  | { readonly name: 'SGD'; readonly weightDecay: number; readonly momentum: number; readonly nesterov: boolean };

/** How strongly images are changed at random before the network sees them. */
export interface AugmentationSetup {
  readonly rotationRadians: number;
  /** Largest relative change of size. */
  readonly scale: number;
  /** Axes mirrored at random, of 0 (z), 1 (y), 2 (x). */
  readonly flipAxes: readonly number[];
  /** Probability of an elastic deformation. */
  readonly elasticProbability: number;
  /** Rotates in the plane of height and width only. */
  readonly inPlaneOnly: boolean;
  /** Scales the probabilities of all intensity changes; 0 for none. */
  readonly intensity: number;
  /** Probability of a change of colours; 0 by default. Needs channels of red, green and blue. */
  readonly colour?: number;
  /** Hides channels, any set as often as another. */
  readonly channelDropout?: boolean;
}

/** A network that also takes clicks and what they correct, in channels behind the image's. */
export interface InteractionSetup {
  /** Of the Gaussian about a click. */
  readonly sigmaMm: number;
  /** Along x, y, z. */
  readonly spacingMm: Triple;
}

/** Everything that decides, with the data, the bytes of a trained segmentation network. */
export interface SegmentationSetup {
  readonly network: NetworkSetup;
  readonly channels: number;
  /** The background too. */
  readonly classes: number;
  readonly patchSize: Size;
  readonly batchSize: number;
  /** Share of patches that are centred on a labelled voxel. */
  readonly foregroundShare: number;
  readonly optimizer: OptimizerSetup;
  readonly learningRate: LearningRateSchedule;
  /** Dice and cross entropy by default. */
  readonly loss?: 'RarityWeightedLoss';
  readonly clipNorm: number;
  /** Of the moving average whose weights are the result. */
  readonly emaDecay: number;
  readonly augmentation: AugmentationSetup;
  readonly interaction?: InteractionSetup;
  /** float32 by default; `mixed` keeps activations as float16 until the backward pass. */
  readonly precision?: 'float32' | 'mixed';
}
