import { ops as $, convolutionLayer, linear, range, type Scope, type Tensor, zeros } from '@vesalius/engine';

/** What the gate between convolutions and transformer gives: the features, and who gave how much of them. */
export interface BlendedFeatures {
  readonly features: Tensor;
  /** `[B, 2, ...S]`: the share of the convolutions, then of the transformer; they sum to 1 in every place. */
  readonly shares: Tensor;
}

/** The transformer's answer, as it stands at the coarsest level and at the level of the gate. */
export interface SpreadTokens {
  /** `[B, H, ...G]` */
  readonly tokens: Tensor;
  /** `[B, C, ...S]` */
  readonly spread: Tensor;
}

/**
 * Weighs features of convolutions and of the transformer against each other in every place by a softmax over their
 * scores: of two that is the sigmoid of the difference. Starts at one half each. The transformer is scored where its
 * tokens are, and the score spread: of linear maps the order is free, and one channel costs less than all.
 *
 * @param own - `[B, C, ...S]`
 */
export function placeGate(scope: Scope, own: Tensor, { tokens, spread }: SpreadTokens): BlendedFeatures {
  const score = (name: string, from: Tensor): Tensor =>
    convolutionLayer(scope.child(name), from, { outChannels: 1, kernelSize: 1, initializer: zeros });
  const other = $.resize(score('transformer', tokens), own.shape.slice(2));
  const share = $.sigmoid($.sub(score('own', own), other));
  const features = $.add(spread, $.mul($.sub(own, spread), share));
  return { features, shares: $.concat([share, $.sub(1, share)], 1) };
}

/** What the gate of channels gives: each of the features weighed, and the weights. */
export interface WeighedChannels {
  readonly features: readonly Tensor[];
  /** `[B, C]` from 0 to 1, of the channels of all features in their order. */
  readonly weights: Tensor;
}

/**
 * Weighs all channels of one level's features by what they and their guide hold on average.
 *
 * @param features - `[B, C, ...S]` each
 * @param guide - `[B, G, ...S']`, features of the coarser level
 * @source Wang et al. 2022, UCTransNet, channel-wise cross attention
 */
export function channelGate(scope: Scope, features: readonly Tensor[], guide: Tensor): WeighedChannels {
  const averageOf = (x: Tensor): Tensor =>
    $.reshape($.mean(x, range(x.shape.length - 2, 2)), [x.shape[0] as number, -1]);
  const widths = features.map(({ shape }) => shape[1] as number);
  const outFeatures = widths.reduce((sum, width) => sum + width, 0);
  const own = linear(scope.child('own'), $.concat(features.map(averageOf), 1), { outFeatures });
  const score = $.add(own, linear(scope.child('guide'), averageOf(guide), { outFeatures }));
  const weights = $.sigmoid($.mul(score, 0.5));
  const weighed = $.split(weights, widths, 1).map((weight, i) => {
    const x = features[i] as Tensor;
    return $.relu($.mul(x, $.reshape(weight, [...weight.shape, ...x.shape.slice(2).map(() => 1)])));
  });
  return { features: weighed, weights };
}
