import {
  ops as $,
  dropout,
  elementCount,
  type Initializer,
  layerNorm,
  linear,
  range,
  type Scope,
  type Tensor,
  truncatedNormal,
  zeros,
} from '@vesalius/engine';
import { assertInput, assertOption } from './assert-input.ts';
import { patchConvolution, patchLinear } from './patch-projection.ts';
import { type PerAxis, perAxis } from './per-axis.ts';
import { transformerBlock } from './transformer-block.ts';

/** Names and defaults are MONAI's. */
export interface ViTOptions {
  readonly patchSize: PerAxis;
  readonly hiddenSize?: number;
  readonly mlpDim?: number;
  readonly numLayers?: number;
  readonly numHeads?: number;
  readonly projType?: 'conv' | 'perceptron';
  /** Learned, or fixed waves. */
  readonly posEmbedType?: 'learnable' | 'sincos';
  /** Puts a class token before the patches and returns its logits. */
  readonly classification?: boolean;
  readonly numClasses?: number;
  readonly dropoutRate?: number;
  /** Applied to the logits, as MONAI does by default. */
  readonly postActivation?: 'Tanh' | 'none';
  readonly qkvBias?: boolean;
}

export interface ViTResult {
  /** Normalised tokens `[B, patches, hiddenSize]`, or logits `[B, numClasses]` for classification. */
  readonly output: Tensor;
  /** Tokens after every block, `[B, patches (+ 1), hiddenSize]`. */
  readonly hiddenStates: readonly Tensor[];
}

/**
 * Vision transformer. MONAI's `norm_cross_attn` parameters have no part in its result and are left out.
 *
 * @param x - `[B, C, ...S]`, each size a multiple of the patch's
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT when the heads do not divide the channels
 * @source Dosovitskiy et al. 2021, An image is worth 16x16 words
 * @parity monai.networks.nets.ViT
 */
export function vit(scope: Scope, x: Tensor, options: ViTOptions): ViTResult {
  const { hiddenSize = 768, mlpDim = 3072, numLayers = 12, numHeads = 12, classification = false } = options;
  const { dropoutRate = 0, qkvBias = false } = options;
  assertInput('vit', x, [options.patchSize]);
  const patches = patchEmbedding(scope.child('patch_embedding'), x, { ...options, hiddenSize });
  let y = classification ? $.concat([classToken(scope, patches), patches], 1) : patches;
  const hiddenStates = range(numLayers).map((i) => {
    y = transformerBlock(scope.child(`blocks.${i}`), y, { mlpDim, numHeads, dropoutRate, qkvBias });
    return y;
  });
  const normed = layerNorm(scope.child('norm'), y);
  return {
    output: classification ? classify(scope.child('classification_head'), normed, options) : normed,
    hiddenStates,
  };
}

function classToken(scope: Scope, { shape: [batch = 1, , channels = 1] }: Tensor): Tensor {
  return $.broadcastTo(scope.parameter('cls_token', [1, 1, channels], zeros), [batch, 1, channels]);
}

function classify(scope: Scope, tokens: Tensor, { numClasses = 2, postActivation = 'Tanh' }: ViTOptions): Tensor {
  const first = $.squeeze($.sliceAxis(tokens, 1, 0, 1), 1);
  if (postActivation === 'none') return linear(scope, first, { outFeatures: numClasses });
  return $.tanh(linear(scope.child(0), first, { outFeatures: numClasses }));
}

function patchEmbedding(scope: Scope, x: Tensor, options: ViTOptions & { hiddenSize: number }): Tensor {
  const { hiddenSize, projType = 'conv', posEmbedType = 'learnable', dropoutRate = 0 } = options;
  const patchSize = perAxis(options.patchSize, x.shape.length - 2);
  const projection = { outChannels: hiddenSize, patchSize };
  const tokens =
    projType === 'conv'
      ? patchConvolution(scope.child('patch_embeddings'), x, projection)
      : patchLinear(scope.child('patch_embeddings.1'), x, projection);
  const grid = patchSize.map((size, i) => (x.shape[i + 2] as number) / size);
  return dropout(scope, addPositions(scope, tokens, { grid, posEmbedType }), dropoutRate);
}

interface Positions {
  readonly grid: readonly number[];
  readonly posEmbedType: 'learnable' | 'sincos';
}

function addPositions(scope: Scope, tokens: Tensor, { grid, posEmbedType }: Positions): Tensor {
  const shape = [1, ...tokens.shape.slice(1)];
  if (posEmbedType === 'learnable')
    return $.add(tokens, scope.parameter('position_embeddings', shape, truncatedNormal(0.02)));
  const channels = shape[2] as number;
  assertOption(
    channels % (2 * grid.length) === 0,
    'vit: hiddenSize for sincos positions',
    channels,
    `a multiple of ${2 * grid.length}`,
  );
  return $.add(tokens, scope.buffer('position_embeddings', shape, sineCosine(grid)));
}

/**
 * Sines and cosines of each coordinate, the wave lengths from 1 to 10,000 radians; the second axis comes first.
 *
 * @source Chen et al. 2021, MoCo v3
 */
function sineCosine(grid: readonly number[]): Initializer {
  return (shape) => {
    const channels = shape[2] as number;
    const waves = channels / (2 * grid.length);
    const order = [1, 0, ...range(grid.length - 2, 2)];
    const values = new Float32Array(elementCount(shape));
    for (const [i] of values.entries()) {
      const [place, channel] = [Math.floor(i / channels), i % channels];
      const axis = order[Math.floor(channel / (2 * waves))] as number;
      const coordinate = Math.floor(place / elementCount(grid.slice(axis + 1))) % (grid[axis] as number);
      const angle = coordinate / 10_000 ** ((channel % waves) / waves);
      values[i] = channel % (2 * waves) < waves ? Math.sin(angle) : Math.cos(angle);
    }
    return values;
  };
}
