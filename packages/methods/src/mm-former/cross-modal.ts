import { ops as $, convolutionLayer, type Scope, type Tensor, truncatedNormal } from '@vesalius/engine';
import { attend, positionsOf, type TokenOptions, toPlaces, toTokens } from './tokens.ts';

/**
 * Self-attention between all places of one modality.
 *
 * @param x - `[B, C, ...S]`
 * @returns of the same shape, each place where it was
 * @source Zhang et al. 2022, mmFormer
 */
export function intraModal(scope: Scope, x: Tensor, options: TokenOptions): Tensor {
  const [batch = 1, channels = 1, ...space] = x.shape;
  const tokens = $.add(toTokens(scope.child('enter'), x, options), positionsOf(scope, space, options));
  const all = $.onesLike($.reshape($.sliceAxis(x, 1, 0, 1), [batch, -1]));
  const attended = attend(scope, tokens, { ...options, present: all });
  return convolutionLayer(scope.child('leave'), toPlaces(attended.tokens, 1, space), {
    outChannels: channels,
    kernelSize: 1,
  });
}

export interface JoinedModalities {
  /** `[B, C, ...S]` */
  readonly features: Tensor;
  /** `[B, M, ...S]`: the share of its attention that each place gives to each modality; 0 for those not there, and sums to 1. */
  readonly attention: Tensor;
}

/**
 * Attention between all places of all modalities; places of one that is not there ask, but are never answered with.
 *
 * @param features - `[B, C, ...S]` of each modality
 * @param mask - `[B, M]`
 * @source Zhang et al. 2022, mmFormer
 */
export function crossModal(
  scope: Scope,
  features: readonly Tensor[],
  { mask, ...options }: TokenOptions & { readonly mask: Tensor },
): JoinedModalities {
  const [batch = 1, channels = 1, ...space] = (features[0] as Tensor).shape;
  const positions = positionsOf(scope, space, options);
  const tokens = features.map((x, m) => {
    const inner = scope.child(`modalities.${m}`);
    const own = inner.parameter('embedding', [1, 1, options.hiddenSize], truncatedNormal(0.02));
    return $.add($.add(toTokens(inner, x, options), positions), own);
  });
  const count = features.length;
  const places = (positions.shape[1] ?? 1) as number;
  const each = $.broadcastTo($.reshape(mask, [batch, count, 1]), [batch, count, places]);
  const attended = attend(scope, $.concat(tokens, 1), { ...options, present: $.reshape(each, [batch, -1]) });
  const side = toPlaces(attended.tokens, count, space);
  return {
    features: convolutionLayer(scope.child('leave'), side, { outChannels: channels, kernelSize: 1 }),
    attention: $.reshape(attentionShares(attended.weights, mask, places), [batch, count, ...space]),
  };
}

/** What those that are there take from each modality in every place, `[B, M, N]`, averaged over heads and blocks. */
function attentionShares(weights: readonly Tensor[], mask: Tensor, places: number): Tensor {
  const [batch = 1, modalities = 1] = mask.shape;
  const equal = $.div(mask, $.sum(mask, [1]));
  if (weights.length === 0) return $.broadcastTo($.reshape(equal, [batch, modalities, 1]), [batch, modalities, places]);
  const perBlock = weights.map((block) => {
    const [, heads = 1, count = 1] = block.shape;
    const taken = $.sum($.reshape(block, [batch, heads, count, modalities, places]), [4], false);
    const from = $.mean($.reshape(taken, [batch, heads, modalities, places * modalities]), [1], false);
    const asked = $.matMul($.reshape(equal, [batch, 1, modalities]), from);
    return $.transpose($.reshape(asked, [batch, places, modalities]), [0, 2, 1]);
  });
  return $.div(
    perBlock.reduce((sum, shares) => $.add(sum, shares)),
    perBlock.length,
  );
}
