import type { DynUNetOptions } from '@vesalius/medical';
import { earlyFusion, type ModalityModel, type ModalitySetup, mmFormerModel, modalitySubsets } from '@vesalius/methods';

/** One way of learning from several modalities. */
export interface ModalityMethod {
  readonly name: string;
  /** The modalities it is given, of those of the data set. */
  readonly modalities: readonly number[];
  readonly model: (classes: number) => ModalityModel;
  readonly dropout: boolean;
  /** Those it is asked with, as numbers 0 and 1 for all modalities of the data set. */
  readonly subsets: readonly (readonly number[])[];
}

const MODALITIES = 4;
const ALL = modalitySubsets(MODALITIES);
const EVERY = [0, 1, 2, 3];

const PATCH = 48;

/** What all methods share; a step is one patch. */
export const SETUP: Omit<ModalitySetup, 'channels' | 'classes' | 'modalityDropout'> = {
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
  learningRate: { name: 'poly', base: 2e-3, warmupSteps: 20 },
  weightDecay: 1e-4,
  clipNorm: 12,
  emaDecay: 0.98,
};

/** With four modalities 2.08 million parameters, where mmFormer's tiny size has 2.03. */
function unetOptions(outChannels: number): DynUNetOptions {
  return {
    outChannels,
    kernelSize: [3, 3, 3, 3],
    strides: [1, 2, 2, 2],
    filters: [16, 32, 80, 160],
    deepSupervision: true,
    deepSuprNum: 2,
  };
}

const fused = (classes: number): ModalityModel => earlyFusion(unetOptions(classes));

export const MM_FORMER: ModalityMethod = {
  name: 'mmFormer',
  modalities: EVERY,
  // Alone, modalities are judged at half the resolution: a third of a step's time, for what only guides the encoders.
  model: (classes) => mmFormerModel({ outChannels: classes, size: 'tiny', auxiliaryLevel: 1 }),
  dropout: true,
  subsets: ALL,
};

export const EARLY_FUSION: ModalityMethod = {
  name: 'early',
  modalities: EVERY,
  model: fused,
  dropout: false,
  // It never saw one missing: enough to show what that costs.
  subsets: ALL.slice(-MODALITIES - 1),
};

export const EARLY_FUSION_DROPOUT: ModalityMethod = {
  ...EARLY_FUSION,
  name: 'early-dropout',
  dropout: true,
  subsets: ALL,
};

/** A U-Net for each modality alone. */
export const SINGLE: readonly ModalityMethod[] = EVERY.map((m) => ({
  name: `single-${m}`,
  modalities: [m],
  model: fused,
  dropout: false,
  subsets: [EVERY.map((other) => (other === m ? 1 : 0))],
}));
