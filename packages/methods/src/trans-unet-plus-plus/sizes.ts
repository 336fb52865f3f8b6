/** How wide and how deep the parts of the network are. */
export interface TransUnetPlusPlusSize {
  /** Of every level, the finest first. */
  readonly channels: readonly number[];
  /** Of a token. */
  readonly hiddenSize: number;
  readonly mlpDim: number;
  readonly numLayers: number;
  readonly numHeads: number;
}

/** Networks for one core of a processor, for a few, and the widths of TransUNet (ViT-B), whose first level is half as fine as the image. */
export const TRANS_UNET_PLUS_PLUS_SIZES = {
  tiny: { channels: [16, 32, 64, 128], hiddenSize: 128, mlpDim: 256, numLayers: 2, numHeads: 4 },
  small: { channels: [32, 64, 128, 256], hiddenSize: 256, mlpDim: 1024, numLayers: 4, numHeads: 8 },
  base: { channels: [64, 256, 512, 1024], hiddenSize: 768, mlpDim: 3072, numLayers: 12, numHeads: 12 },
} as const satisfies Record<string, TransUnetPlusPlusSize>;
