import { ops as $, convolutionLayer, instanceNorm, linear, type Scope, type Tensor } from '@vesalius/engine';
import { unetUpsample } from '@vesalius/medical';

/**
 * An image of what the content says, in the looks of the appearance: the appearance scales and shifts normalised features at every level.
 *
 * @param content - features of every level, the finest first
 * @param appearance - `[B, size]`
 * @param finest - the level to end at
 * @returns `[B, 1, ...S / 2^finest]`
 * @source Huang and Belongie 2017, adaptive instance normalisation
 */
export function reconstruct(
  scope: Scope,
  content: readonly Tensor[],
  { appearance, finest }: { readonly appearance: Tensor; readonly finest: number },
): Tensor {
  let y = dressed(scope.child('levels.last'), content.at(-1) as Tensor, appearance);
  for (let level = content.length - 2; level >= finest; level--) {
    const inner = scope.child(`levels.${level}`);
    const skip = content[level] as Tensor;
    const larger = unetUpsample(inner.child('up'), y, { outChannels: skip.shape[1] as number, upsampleKernelSize: 2 });
    y = dressed(inner, $.add(larger, skip), appearance);
  }
  return convolutionLayer(scope.child('leave'), y, { outChannels: 1, kernelSize: 1 });
}

function dressed(scope: Scope, x: Tensor, appearance: Tensor): Tensor {
  const [batch = 1, channels = 1, ...space] = x.shape;
  const convolved = convolutionLayer(scope.child('conv'), x, { outChannels: channels, kernelSize: 3, padding: 1 });
  const style = linear(scope.child('style'), appearance, { outFeatures: 2 * channels });
  const [scale, shift] = $.split(
    $.reshape(style, [batch, 2 * channels, ...space.map(() => 1)]),
    [channels, channels],
    1,
  );
  const normed = instanceNorm(scope, convolved);
  return $.leakyRelu($.add($.mul(normed, $.add(scale as Tensor, 1)), shift as Tensor));
}
