import type { Triple } from '@vesalius/volume';
import type { DatasetFingerprint } from './fingerprint.ts';

/** A decision and the sentence that gives its reason. */
export interface Choice<T> {
  readonly value: T;
  readonly why: string;
}

/** How the intensities of one channel become numbers a network can take. */
export type ChannelNormalization =
  /** Clip to Hounsfield units, then subtract and divide by figures of the whole data set. */
  | {
      readonly kind: 'ct';
      readonly clip: readonly [number, number];
      readonly mean: number;
      readonly standardDeviation: number;
    }
  /** Clip to percentiles of the image itself (0 to 100), then subtract its mean and divide by its standard deviation. */
  | {
      readonly kind: 'robust-z-score';
      readonly clipPercentiles: readonly [number, number];
      /** Figures from voxels that are not 0 only; voxels of 0 stay 0. */
      readonly nonZeroOnly: boolean;
    };

/** Options of `unet`; sizes in tensor order (z, y, x). */
export interface PlannedUNet {
  readonly name: 'UNet';
  readonly inChannels: number;
  readonly outChannels: number;
  /** Of every level, the finest first. */
  readonly channels: readonly number[];
  /** Between the levels; the first acts on the image itself. */
  readonly strides: readonly (readonly number[])[];
  readonly numResUnits: number;
}

/** Options of `dynUnet`; sizes in tensor order (z, y, x). */
export interface PlannedDynUNet {
  readonly name: 'DynUNet';
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
  readonly upsampleKernelSize: readonly (readonly number[])[];
  readonly filters: readonly number[];
  readonly deepSupervision: boolean;
  readonly deepSuprNum: number;
}

/** A network that another package builds; sizes in tensor order (z, y, x). */
export interface PlannedMethod {
  readonly name: 'Method';
  /** By which it is found among the networks that are given. */
  readonly method: string;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Of every level, the finest first. */
  readonly channels: readonly number[];
  /** All that makes the image coarser; the first may act on the image itself. */
  readonly strides: readonly (readonly number[])[];
  /** Whether it takes patches of the planned shape only, as what has learned positions does. */
  readonly fixedSize: boolean;
  readonly options: Readonly<Record<string, unknown>>;
}

export type PlannedNetwork = PlannedDynUNet | PlannedUNet | PlannedMethod;

/** Features of every level, the finest first. */
export function featuresOf(network: PlannedNetwork): readonly number[] {
  return network.name === 'DynUNet' ? network.filters : network.channels;
}

/** As people call it. */
export function nameOfNetwork(network: PlannedNetwork): string {
  return network.name === 'Method' ? network.method : network.name;
}

export interface PlannedAugmentation {
  readonly strength: 'light' | 'standard' | 'strong';
  /** Spatial axes of the tensor (0 is z in 3-D) that may be mirrored. */
  readonly mirrorAxes: readonly number[];
  /** Rotate in the plane of fine spacing only. */
  readonly inPlaneOnly: boolean;
  /** Change colours as another camera would give them; for channels of red, green and blue. */
  readonly colour?: boolean;
  /** Hide channels, any set as often as another, so that scans may lack some afterwards. */
  readonly channelDropout?: boolean;
}

export interface PlannedInferer {
  readonly roiShape: readonly number[];
  readonly overlap: number;
  readonly mode: 'gaussian';
  /** Spatial axes of the tensor along which scans are also predicted mirrored; answers are averaged. */
  readonly mirrorAxes: readonly number[];
  /** Whether scans are also predicted one voxel further along every axis, between the places of a coarser grid. */
  readonly shifted: boolean;
}

/** `RarityWeightedLoss`: a class counts the more the rarer it is in the batch, so that few steps find it. */
export type PlannedLoss =
  | { readonly name: 'DiceCELoss'; readonly includeBackground: boolean; readonly batch: boolean }
  | { readonly name: 'RarityWeightedLoss' };

/** Everything that depends on the data, decided; plain JSON, to be read and changed by hand. */
export interface TrainingPlan {
  readonly format: 'vesalius-plan/1';
  readonly dataset: string;
  readonly spatialDimensions: Choice<2 | 3>;
  /** The axes each scan is turned to before anything else, such as `RAS`. */
  readonly orientation: Choice<string>;
  /** Along x, y, z. */
  readonly targetSpacingMm: Choice<Triple>;
  /** Whether scans are cut to the smallest box outside which every channel is 0. */
  readonly cropForeground?: Choice<boolean>;
  /** One a channel. */
  readonly normalization: Choice<readonly ChannelNormalization[]>;
  /** Values of the label files in the order of the network's output channels; the first is the background. */
  readonly classes: readonly { readonly value: number; readonly name: string }[];
  /** Tensor order: z, y, x. */
  readonly patchShape: Choice<readonly number[]>;
  readonly network: Choice<PlannedNetwork>;
  readonly batchSize: Choice<number>;
  /** Share of patches centred on a labelled voxel, 0 to 1. */
  readonly foregroundShare: Choice<number>;
  readonly augmentation: Choice<PlannedAugmentation>;
  readonly loss: Choice<PlannedLoss>;
  readonly optimizer: Choice<{ readonly name: 'AdamW'; readonly learningRate: number; readonly weightDecay: number }>;
  readonly schedule: Choice<{ readonly name: 'polynomial'; readonly power: number; readonly warmUpSteps: number }>;
  readonly inferer: Choice<PlannedInferer>;
  /** Class values for which keeping the largest component only is to be tried. */
  readonly keepLargestCandidates: Choice<readonly number[]>;
  /** Only for a network that also follows clicks. */
  readonly interaction?: Choice<{
    readonly kind: 'clicks';
    /** Of the Gaussian about a click. */
    readonly sigmaMm: number;
  }>;
  /** Left out: float32 throughout. */
  readonly precision?: Choice<'float32' | 'mixed'>;
  readonly fingerprint: DatasetFingerprint;
}
