import { ops as $, type Scope, type Tensor } from '@vesalius/engine';
import { assertInput } from './assert-input.ts';
import { convolutionBlock } from './convolution-block.ts';
import type { Norm } from './normalize.ts';
import { unetBlock, unetUpBlock, unetUpsample } from './unet-block.ts';
import { vit } from './vit.ts';

/** Names and defaults are MONAI's. */
export interface UNETROptions {
  readonly outChannels: number;
  /** Channels of the finest level. */
  readonly featureSize?: number;
  readonly hiddenSize?: number;
  readonly mlpDim?: number;
  readonly numHeads?: number;
  readonly projType?: 'conv' | 'perceptron';
  readonly normName?: Norm;
  /** Blocks between the enlargements of the transformer's features. */
  readonly convBlock?: boolean;
  readonly resBlock?: boolean;
  readonly dropoutRate?: number;
  readonly qkvBias?: boolean;
}

const PATCH = 16;
/** Blocks of the transformer whose tokens become the skips, the finest first. */
const SKIPS = [3, 6, 9];

/**
 * U-Net whose encoder is a vision transformer of 12 blocks over patches of 16.
 *
 * @param x - `[B, C, ...S]`, each size a multiple of 16
 * @returns logits `[B, outChannels, ...S]`
 * @throws SHAPE_MISMATCH for another size
 * @source Hatamizadeh et al. 2022, UNETR
 * @parity monai.networks.nets.UNETR
 */
export function unetr(scope: Scope, x: Tensor, options: UNETROptions): Tensor {
  const { outChannels, featureSize = 16, normName = 'instance', resBlock = true } = options;
  assertInput('unetr', x, [PATCH]);
  const { output, hiddenStates } = vit(scope.child('vit'), x, { ...options, patchSize: PATCH, numLayers: 12 });
  const grid = x.shape.slice(2).map((size) => size / PATCH);
  const block = { kernelSize: 3, normName, resBlock };
  const skips = SKIPS.map((state, i) => {
    const skip = {
      ...block,
      outChannels: featureSize * 2 ** (i + 1),
      enlargements: SKIPS.length - 1 - i,
      convBlock: options.convBlock ?? true,
    };
    return projectUp(scope.child(`encoder${i + 2}`), toSpace(hiddenStates[state] as Tensor, grid), skip);
  });
  skips.unshift(unetBlock(scope.child('encoder1.layer'), x, { ...block, outChannels: featureSize }));
  let y = toSpace(output, grid);
  for (let level = SKIPS.length; level >= 0; level--) {
    const up = { ...block, outChannels: featureSize * 2 ** level, upsampleKernelSize: 2 };
    y = unetUpBlock(scope.child(`decoder${level + 2}`), [y, skips[level] as Tensor], up);
  }
  return convolutionBlock(scope.child('out.conv'), y, { outChannels, kernelSize: 1 });
}

/** Tokens `[B, N, C]` -> `[B, C, ...grid]` */
function toSpace(tokens: Tensor, grid: readonly number[]): Tensor {
  const [batch = 1, , channels = 1] = tokens.shape;
  return $.reshape($.transpose(tokens, [0, 2, 1]), [batch, channels, ...grid]);
}

interface ProjectUp {
  readonly outChannels: number;
  readonly enlargements: number;
  readonly kernelSize: number;
  readonly normName: Norm;
  readonly resBlock: boolean;
  readonly convBlock: boolean;
}

function projectUp(scope: Scope, x: Tensor, { enlargements, convBlock, ...block }: ProjectUp): Tensor {
  const up = { outChannels: block.outChannels, upsampleKernelSize: 2 };
  let y = unetUpsample(scope.child('transp_conv_init'), x, up);
  for (let i = 0; i < enlargements; i++) {
    const inner = scope.child(`blocks.${i}`);
    y = convBlock ? unetBlock(inner.child(1), unetUpsample(inner.child(0), y, up), block) : unetUpsample(inner, y, up);
  }
  return y;
}
