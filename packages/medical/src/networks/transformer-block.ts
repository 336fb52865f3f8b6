import { ops as $, dropout, layerNorm, linear, type Scope, type Tensor } from '@vesalius/engine';
import { assertOption } from './assert-input.ts';

export interface TransformerBlockOptions {
  readonly mlpDim: number;
  readonly numHeads: number;
  readonly dropoutRate?: number;
  readonly qkvBias?: boolean;
}

/**
 * Self-attention and a perceptron, each normalised before and added to its input.
 *
 * @param x - tokens `[B, N, C]`
 * @source Dosovitskiy et al. 2021, ViT
 */
export function transformerBlock(scope: Scope, x: Tensor, options: TransformerBlockOptions): Tensor {
  const { mlpDim, numHeads, dropoutRate = 0, qkvBias = false } = options;
  const heads = { numHeads, qkvBias, dropoutRate };
  const attended = $.add(x, selfAttention(scope.child('attn'), layerNorm(scope.child('norm1'), x), heads));
  return $.add(
    attended,
    perceptron(scope.child('mlp'), layerNorm(scope.child('norm2'), attended), { mlpDim, dropoutRate }),
  );
}

function selfAttention(scope: Scope, x: Tensor, options: Omit<TransformerBlockOptions, 'mlpDim'>): Tensor {
  const { numHeads, qkvBias = false, dropoutRate = 0 } = options;
  const [query, key, value] = queryKeyValue(scope.child('qkv'), x, { numHeads, bias: qkvBias });
  const scale = 1 / Math.sqrt(query.shape[3] as number);
  const scores = $.matMul(query, key, { transposeB: true, scale });
  const weights = dropout(scope, $.softmax(scores, -1), dropoutRate);
  const joined = mergeHeads($.matMul(weights, value));
  return dropout(scope, linear(scope.child('out_proj'), joined, { outFeatures: x.shape[2] as number }), dropoutRate);
}

/** Three projections of `[B, N, C]` in one product, each `[B, heads, N, C / heads]`. Parameters `weight`, `bias`. */
export function queryKeyValue(
  scope: Scope,
  x: Tensor,
  { numHeads, bias }: { numHeads: number; bias: boolean },
): [Tensor, Tensor, Tensor] {
  const channels = x.shape[2] as number;
  return splitHeads(linear(scope, x, { outFeatures: 3 * channels, bias }), numHeads);
}

/** `[B, N, 3 C]`, queries before keys before values -> each `[B, heads, N, C / heads]`. */
export function splitHeads(all: Tensor, numHeads: number): [Tensor, Tensor, Tensor] {
  const [batch, count, width] = all.shape as [number, number, number];
  const channels = width / 3;
  assertOption(channels % numHeads === 0, 'attention: numHeads', numHeads, `a divisor of the ${channels} channels`);
  const heads = $.reshape(all, [batch, count, 3, numHeads, channels / numHeads]);
  const apart = $.transpose(heads, [2, 0, 3, 1, 4]);
  return $.split(apart, [1, 1, 1], 0).map((part) => $.squeeze(part, 0)) as [Tensor, Tensor, Tensor];
}

/** `[B, heads, N, D]` -> `[B, N, heads D]` */
export function mergeHeads(x: Tensor): Tensor {
  const [batch, heads, count, size] = x.shape as [number, number, number, number];
  return $.reshape($.transpose(x, [0, 2, 1, 3]), [batch, count, heads * size]);
}

/** Two linear layers with GELU between, over the last axis. */
export function perceptron(
  scope: Scope,
  x: Tensor,
  { mlpDim, dropoutRate }: { mlpDim: number; dropoutRate: number },
): Tensor {
  const inner = dropout(scope, $.gelu(linear(scope.child('linear1'), x, { outFeatures: mlpDim })), dropoutRate);
  return dropout(scope, linear(scope.child('linear2'), inner, { outFeatures: x.shape.at(-1) as number }), dropoutRate);
}
