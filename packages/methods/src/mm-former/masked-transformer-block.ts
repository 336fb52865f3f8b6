import { ops as $, layerNorm, linear, type Scope, type Tensor } from '@vesalius/engine';
import { mergeHeads, perceptron, queryKeyValue } from '@vesalius/medical';
import type { MmFormerSize } from './sizes.ts';

export type MaskedTransformerOptions = Pick<MmFormerSize, 'mlpDim' | 'numHeads'> & { readonly qkvBias?: boolean };

export interface AttendedTokens {
  readonly tokens: Tensor;
  /** `[B, heads, N, N]`: how much each token took from each; every row sums to 1. */
  readonly weights: Tensor;
}

/** What a score loses where nothing may be taken: its softmax is exactly 0 in single precision. */
const NEVER = 1e9;

/**
 * A transformer's block in which no token takes anything from those that are not there.
 *
 * @param x - tokens `[B, N, C]`
 * @param present - `[B, N]`, 1 for tokens that are there, 0 for others; at least one of each sample is
 * @source Zhang et al. 2022, mmFormer; Dosovitskiy et al. 2021, ViT
 * @parity monai.networks.blocks.transformerblock.TransformerBlock(attn_mask)
 */
export function maskedTransformerBlock(
  scope: Scope,
  x: Tensor,
  present: Tensor,
  { mlpDim, numHeads, qkvBias = false }: MaskedTransformerOptions,
): AttendedTokens {
  const attention = scope.child('attn');
  const [query, key, value] = queryKeyValue(attention.child('qkv'), layerNorm(scope.child('norm1'), x), {
    numHeads,
    bias: qkvBias,
  });
  const [batch = 1, count = 1] = x.shape;
  const bias = $.reshape($.mul($.sub(present, 1), NEVER), [batch, 1, 1, count]);
  const scale = 1 / Math.sqrt(query.shape[3] as number);
  const weights = $.softmax($.add($.matMul(query, key, { transposeB: true, scale }), bias), -1);
  const taken = linear(attention.child('out_proj'), mergeHeads($.matMul(weights, value)), {
    outFeatures: x.shape[2] as number,
  });
  const attended = $.add(x, taken);
  const changed = perceptron(scope.child('mlp'), layerNorm(scope.child('norm2'), attended), { mlpDim, dropoutRate: 0 });
  return { tokens: $.add(attended, changed), weights };
}
