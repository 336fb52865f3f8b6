/** How wide and how deep the parts of the network are. */
export interface MmFormerSize {
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
  tiny: { channels: [8, 16, 32, 64], hiddenSize: 64, mlpDim: 128, numLayers: 1, numHeads: 4 },
  small: { channels: [8, 16, 32, 64, 128], hiddenSize: 128, mlpDim: 512, numLayers: 1, numHeads: 8 },
  base: { channels: [8, 16, 32, 64, 128], hiddenSize: 512, mlpDim: 4096, numLayers: 1, numHeads: 8 },
} as const satisfies Record<string, MmFormerSize>;
