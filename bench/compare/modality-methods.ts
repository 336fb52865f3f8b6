import type { NetworkSetup } from '@vesalius/medical';
import { earlyFusion, type ModalityModel, type ModalitySetup, mmFormerModel, modalitySubsets } from '@vesalius/methods';

/** One way of learning from several modalities. */
export interface ModalityMethod {
  readonly name: string;
  /** The modalities it is given, of those of the data set. */
  readonly modalities: readonly number[];
  readonly model: (classes: number) => ModalityModel;
  readonly dropout: boolean;
  /** At the first step; each method has the better of 0.002 and 0.006 on the first fold. */
  readonly learningRate: number;
  /** Those it is asked with, as numbers 0 and 1 for all modalities of the data set. */
  readonly subsets: readonly (readonly number[])[];
}

const MODALITIES = 4;
const ALL = modalitySubsets(MODALITIES);
const EVERY = [0, 1, 2, 3];

const PATCH = 48;

/** What all methods share; a step is one patch. */
export const SETUP: Omit<ModalitySetup, 'channels' | 'classes' | 'modalityDropout' | 'learningRate'> = {
  patchSize: [PATCH, PATCH, PATCH],
  batchSize: 1,
  foregroundShare: 0.75,
  augmentation: {
    rotationRadians: 0.2,
    scale: 0.15,
    flipAxes: [2],
    elasticProbability: 0,
    inPlaneOnly: false,
    intensity: 1,
  },
  weightDecay: 1e-4,
  clipNorm: 12,
  emaDecay: 0.98,
};

/** The U-Net that is planned for such data, with as many parameters as mmFormer's tiny size. */
function unetOf(outChannels: number): NetworkSetup {
  const strides = [2, 2, 2, 2].map((n) => [n, n, n]);
  const act = { name: 'leakyrelu', negativeSlope: 0.2 } as const;
  const norm = { name: 'instance', affine: true } as const;
  const channels = [16, 32, 64, 128, 160];
  return { name: 'UNet', options: { outChannels, channels, strides, numResUnits: 2, norm, act } };
}

const fused = (classes: number): ModalityModel => earlyFusion(unetOf(classes));

export const MM_FORMER: ModalityMethod = {
  name: 'mmFormer',
  modalities: EVERY,
  // Alone, modalities are judged at half the resolution: a third of a step's time, for what only guides the encoders.
  model: (classes) => mmFormerModel({ outChannels: classes, size: 'tiny', auxiliaryLevel: 1 }),
  dropout: true,
  learningRate: 6e-3,
  subsets: ALL,
};

export const EARLY_FUSION_DROPOUT: ModalityMethod = {
  name: 'early-dropout',
  modalities: EVERY,
  model: fused,
  dropout: true,
  learningRate: 2e-3,
  subsets: ALL,
};
