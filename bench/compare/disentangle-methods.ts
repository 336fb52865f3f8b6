import { type DisentangleModelOptions, disentangledCodes, disentangleModel, modalitySubsets } from '@vesalius/methods';
import type { ModalityMethod } from './modality-methods.ts';

const EVERY = [0, 1, 2, 3];

/** Levels as mmFormer's tiny size has them; images are made again at half the resolution, which is all that content holds. */
const OPTIONS = { stem: 2, channels: [10, 20, 40, 80] } as const satisfies Partial<DisentangleModelOptions>;

/** Gated fusion of the same encoders and decoder, with or without what takes content and appearance apart. */
function method(name: string, variant: NonNullable<DisentangleModelOptions['variant']>): ModalityMethod {
  return {
    name,
    modalities: EVERY,
    model: (classes) => disentangleModel({ ...OPTIONS, outChannels: classes, variant }),
    dropout: true,
    learningRate: 0.006,
    subsets: modalitySubsets(EVERY.length).slice(-EVERY.length - 1),
  };
}

export const DISENTANGLED = method('disentangled', 'adversarial');
export const ENTANGLED = method('entangled', 'none');

/** What each method takes modalities apart into; without disentanglement there is no appearance. */
export const CODES = {
  content: (scope, inputs) => disentangledCodes.content(scope, inputs, OPTIONS),
  appearance: (scope, inputs) => disentangledCodes.appearance(scope, inputs, OPTIONS),
} as const satisfies Record<string, typeof disentangledCodes.content>;
