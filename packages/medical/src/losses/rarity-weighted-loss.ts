import { ops as $, type Tensor } from '@vesalius/engine';
import { diceLoss } from './dice-loss.ts';

/** A probability below it costs no more than this one. */
const LEAST = 0.005;

/**
 * Dice and cross entropy, in which a class counts the more the rarer it is in the batch.
 *
 * @param logits - `[B, K, ...S]`
 * @param label - class numbers `[B, 1, ...S]`
 * @returns scalar
 * @source Zhang et al. 2022, mmFormer
 */
export function rarityWeightedLoss(logits: Tensor, label: Tensor): Tensor {
  const [batch = 1, classes = 1, ...space] = logits.shape;
  const numbers = $.cast($.reshape(label, [batch, ...space]), 'int64');
  const truth = $.cast($.oneHot(numbers, classes, 1), logits.dtype);
  const weights = $.sub(1, $.mean(truth, [0, ...space.map((_, axis) => axis + 2)]));
  const surprise = $.neg($.maximum($.logSoftmax(logits, 1), Math.log(LEAST)));
  const entropy = $.mean($.sum($.mul($.mul(truth, weights), surprise), [1]));
  const overlap = diceLoss(logits, label, { softmax: true, toOnehotY: true, batch: true });
  return $.add($.reshape(entropy, []), $.reshape(overlap, []));
}
