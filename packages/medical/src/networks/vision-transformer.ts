import {
  ops as $,
  filledWith,
  type LinearOptions,
  layerNorm,
  linear,
  range,
  type Scope,
  type Tensor,
  truncatedNormal,
  zeros,
} from '@vesalius/engine';
import { patchConvolution } from './patch-projection.ts';
import { mergeHeads, splitHeads } from './transformer-block.ts';

export interface VisionTransformerOptions {
  readonly patchSize: number;
  readonly hiddenSize: number;
  readonly mlpDim: number;
  readonly depth: number;
  readonly numHeads: number;
  /** A learned factor on each channel of what a block adds, as DINOv2 has it. */
  readonly layerScale?: boolean;
  /** Of the norms; 1e-6 by default. */
  readonly epsilon?: number;
}

const INITIAL_SCALE = 1e-5;

/**
 * Vision transformer under the parameter names of timm and DINOv2, which published weights carry; `vit` has MONAI's.
 *
 * @param x - `[B, C, H, W]`, sizes multiples of the patch's
 * @returns normalised tokens `[B, 1 + patches, hiddenSize]`, the class token first
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT when the heads do not divide the channels
 * @source Dosovitskiy et al. 2021, An image is worth 16x16 words; Oquab et al. 2024, DINOv2
 * @parity torchvision.models.VisionTransformer
 */
export function visionTransformer(scope: Scope, x: Tensor, options: VisionTransformerOptions): Tensor {
  const { depth, epsilon = 1e-6 } = options;
  const tokens = range(depth).reduce(
    (y, i) => visionTransformerBlock(scope.child(`blocks.${i}`), y, options),
    embedPatches(scope, x, options),
  );
  return layerNorm(scope.child('norm'), tokens, { epsilon });
}

/** The class token and the patches, each with its position: `[B, 1 + patches, hiddenSize]`. */
export function embedPatches(
  scope: Scope,
  x: Tensor,
  { patchSize, hiddenSize }: Pick<VisionTransformerOptions, 'patchSize' | 'hiddenSize'>,
): Tensor {
  const projection = { outChannels: hiddenSize, patchSize: [patchSize, patchSize] };
  const patches = patchConvolution(scope.child('patch_embed.proj'), x, projection);
  const [batch = 1, count = 0] = patches.shape;
  const first = $.broadcastTo(scope.parameter('cls_token', [1, 1, hiddenSize], zeros), [batch, 1, hiddenSize]);
  const positions = scope.parameter('pos_embed', [1, count + 1, hiddenSize], truncatedNormal(0.02));
  return $.add($.concat([first, patches], 1), positions);
}

export interface VisionTransformerBlockOptions
  extends Pick<VisionTransformerOptions, 'numHeads' | 'mlpDim' | 'layerScale' | 'epsilon'> {
  /** Stands in for the attention's linear layers, for what is to be added to them. */
  readonly projection?: (scope: Scope, x: Tensor, options: LinearOptions) => Tensor;
}

/** One block on tokens `[B, N, C]`. */
export function visionTransformerBlock(scope: Scope, x: Tensor, options: VisionTransformerBlockOptions): Tensor {
  const { mlpDim, epsilon = 1e-6 } = options;
  const width = x.shape[2] as number;
  const attended = $.add(
    x,
    scaled(
      scope.child('ls1'),
      attention(scope.child('attn'), layerNorm(scope.child('norm1'), x, { epsilon }), options),
      options,
    ),
  );
  const mlp = scope.child('mlp');
  const inner = linear(mlp.child('fc1'), layerNorm(scope.child('norm2'), attended, { epsilon }), {
    outFeatures: mlpDim,
    ...LINEAR,
  });
  const outer = linear(mlp.child('fc2'), $.gelu(inner), { outFeatures: width, ...LINEAR });
  return $.add(attended, scaled(scope.child('ls2'), outer, options));
}

const LINEAR = { initializer: truncatedNormal(0.02), biasInitializer: zeros };

function attention(
  scope: Scope,
  x: Tensor,
  { numHeads, projection = linear }: Pick<VisionTransformerBlockOptions, 'numHeads' | 'projection'>,
): Tensor {
  const width = x.shape[2] as number;
  const all = projection(scope.child('qkv'), x, { outFeatures: 3 * width, ...LINEAR });
  const joined = mergeHeads($.attention(...splitHeads(all, numHeads)));
  return projection(scope.child('proj'), joined, { outFeatures: width, ...LINEAR });
}

function scaled(scope: Scope, x: Tensor, { layerScale = false }: { layerScale?: boolean }): Tensor {
  if (!layerScale) return x;
  return $.mul(x, scope.parameter('gamma', [x.shape[2] as number], filledWith(INITIAL_SCALE)));
}
