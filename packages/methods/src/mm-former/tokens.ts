import { ops as $, convolutionLayer, type Scope, type Tensor, truncatedNormal } from '@vesalius/engine';
import { maskedTransformerBlock } from './masked-transformer-block.ts';
import type { MmFormerSize } from './sizes.ts';

export interface TokenOptions extends Omit<MmFormerSize, 'channels' | 'stem'> {
  /** Size of the features that positions are learned for, theirs by default; of other features they are interpolated. */
  readonly grid?: readonly number[];
}

/**
 * Each token back in its place, the tokens of several modalities side by side in the channels.
 *
 * The modalities must leave the axis of the tokens before the grid is laid out: reading `[B, M N, C]` as `[B, ...grid, M C]` would give
 * each place M neighbouring tokens of one modality.
 *
 * @param tokens - `[B, M N, C]`, modality after modality
 * @returns `[B, M C, ...grid]`
 */
export function toPlaces(tokens: Tensor, modalities: number, grid: readonly number[]): Tensor {
  const [batch = 1, , channels = 1] = tokens.shape;
  const apart = $.reshape(tokens, [batch, modalities, -1, channels]);
  return $.reshape($.transpose(apart, [0, 1, 3, 2]), [batch, modalities * channels, ...grid]);
}

/** Each place a token of the hidden size: `[B, C, ...S]` -> `[B, N, hiddenSize]`. */
export function toTokens(scope: Scope, x: Tensor, { hiddenSize }: Pick<TokenOptions, 'hiddenSize'>): Tensor {
  const narrow = convolutionLayer(scope, x, { outChannels: hiddenSize, kernelSize: 1 });
  return placesAsRows(narrow);
}

function placesAsRows(x: Tensor): Tensor {
  const [batch = 1, channels = 1] = x.shape;
  return $.transpose($.reshape(x, [batch, channels, -1]), [0, 2, 1]);
}

/** Learned positions of a grid, `[1, N, hiddenSize]`. */
export function positionsOf(
  scope: Scope,
  space: readonly number[],
  { hiddenSize, grid = space }: TokenOptions,
): Tensor {
  const learned = scope.parameter('positions', [1, hiddenSize, ...grid], truncatedNormal(0.02));
  return placesAsRows($.resize(learned, space));
}

/** Tokens after all blocks, and the weights of each block. */
export function attend(
  scope: Scope,
  tokens: Tensor,
  { present, ...options }: TokenOptions & { readonly present: Tensor },
): { readonly tokens: Tensor; readonly weights: readonly Tensor[] } {
  const weights: Tensor[] = [];
  let y = tokens;
  for (let layer = 0; layer < options.numLayers; layer++) {
    const block = { mlpDim: options.mlpDim, numHeads: options.numHeads, qkvBias: true };
    const attended = maskedTransformerBlock(scope.child(`blocks.${layer}`), y, present, block);
    y = attended.tokens;
    weights.push(attended.weights);
  }
  return { tokens: y, weights };
}
