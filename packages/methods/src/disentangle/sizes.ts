import type { MmFormerSize } from '../mm-former/sizes.ts';

/** Levels of the encoders as mmFormer's sizes have them, so that the two can be held against each other. */
export const DISENTANGLED_SIZES = {
  tiny: { stem: 2, channels: [10, 20, 40, 80] },
  small: { stem: 1, channels: [8, 16, 32, 64, 128] },
  base: { stem: 1, channels: [16, 32, 64, 128, 256] },
} as const satisfies Record<string, Pick<MmFormerSize, 'stem' | 'channels'>>;
