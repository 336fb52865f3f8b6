/** How wide and how deep the parts of the network are. */
export interface MmFormerSize {
  /** How much finer the image is than the first level: with 2 a step takes a fifth of the time, and a short training gains more from steps. */
  readonly stem: 1 | 2;
  /** Of every level of every encoder, the finest first. */
  readonly channels: readonly number[];
  /** Of a token. */
  readonly hiddenSize: number;
  readonly mlpDim: number;
  /** Blocks within each modality, and as many between all. */
  readonly numLayers: number;
  readonly numHeads: number;
}

/** Networks for one core of a processor, for a few, and mmFormer as published. */
export const MM_FORMER_SIZES = {
  tiny: { stem: 2, channels: [10, 20, 40, 80], hiddenSize: 80, mlpDim: 160, numLayers: 1, numHeads: 4 },
  small: { stem: 1, channels: [8, 16, 32, 64, 128], hiddenSize: 128, mlpDim: 512, numLayers: 1, numHeads: 8 },
  base: { stem: 1, channels: [8, 16, 32, 64, 128], hiddenSize: 512, mlpDim: 4096, numLayers: 1, numHeads: 8 },
} as const satisfies Record<string, MmFormerSize>;
