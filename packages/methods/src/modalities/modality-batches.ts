import {
  type BatchSource,
  createBatchSource,
  type NetworkSetup,
  type Sample,
  type SegmentationSetup,
} from '@vesalius/medical';
import type { ModalitySetup } from './modality-trainer.ts';

/** Patches depend on no network and no optimizer, but what makes them is told of a whole training. */
const UNUSED = {
  network: { name: 'UNet', options: { outChannels: 1, channels: [1, 1], strides: [1] } } satisfies NetworkSetup,
  optimizer: { name: 'AdamW', weightDecay: 0 },
} as const satisfies Partial<SegmentationSetup>;

/** Augmented patches by the number of the step. @param cases - samples with `image`, a channel a modality, and `label` */
export function createModalityBatches(cases: readonly Sample[], setup: ModalitySetup, seed: number): BatchSource {
  return createBatchSource(cases, { ...setup, ...UNUSED }, seed);
}
