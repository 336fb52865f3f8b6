import { ops as $, convolutionLayer, linear, range, type Scope, type Tensor, zeros } from '@vesalius/engine';

/** What the gate between convolutions and transformer gives: the features, and who gave how much of them. */
export interface BlendedFeatures {
  readonly features: Tensor;
  /** `[B, 2, ...S]`: the share of the convolutions, then of the transformer; they sum to 1 in every place. */
  readonly shares: Tensor;
}

/**
 * Weighs two maps against each other in every place by a softmax over both. Starts at one half each.
 *
 * @param pair - features of the convolutions and of the transformer, `[B, C, ...S]` each
 */
export function placeGate(scope: Scope, pair: readonly [Tensor, Tensor]): BlendedFeatures {
  const scores = convolutionLayer(scope, $.concat([...pair], 1), { outChannels: 2, kernelSize: 1, initializer: zeros });
  const shares = $.softmax(scores, 1);
  const [own, other] = pair.map((features, i) => $.mul(features, $.sliceAxis(shares, 1, i, i + 1)));
  return { features: $.add(own as Tensor, other as Tensor), shares };
}

/**
 * Weighs the channels of x by what x and its guide hold on average.
 *
 * @param x - `[B, C, ...S]`
 * @param guide - `[B, G, ...S']`, features of the coarser level
 * @source Wang et al. 2022, UCTransNet, channel-wise cross attention
 */
export function channelGate(scope: Scope, x: Tensor, guide: Tensor): Tensor {
  const [batch = 1, channels = 1, ...space] = x.shape;
  const score = (name: string, from: Tensor): Tensor => {
    const average = $.mean(from, range(from.shape.length - 2, 2));
    return linear(scope.child(name), $.reshape(average, [batch, -1]), { outFeatures: channels });
  };
  const weights = $.sigmoid($.mul($.add(score('own', x), score('guide', guide)), 0.5));
  return $.relu($.mul(x, $.reshape(weights, [batch, channels, ...space.map(() => 1)])));
}
