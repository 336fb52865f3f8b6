import { ops as $, type Tensor } from '@vesalius/engine';
import { classWeights, compareClasses } from './compare-classes.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are PyTorch's. */
export interface BinaryCrossEntropyOptions {
  /** Weight of the positive examples of each channel. */
  readonly posWeight?: readonly number[];
  readonly reduction?: LossReduction;
}

/**
 * Cross entropy of the sigmoid of each channel by itself, without the sigmoid's rounding.
 *
 * @param logits - `[B, C, ...S]`
 * @param target - probabilities of the same shape
 * @returns scalar; `[B, C, ...S]` for reduction none
 * @throws SHAPE_MISMATCH when the sizes differ
 * @parity torch.nn.BCEWithLogitsLoss
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const { posWeight, reduction } = options;
  const wanted = compareClasses(logits, target, {}).target;
  if (!posWeight) return reduceLoss($.sub($.softplus(logits), $.mul(logits, wanted)), reduction);
  const factor = $.add($.mul(wanted, $.sub(classWeights(posWeight, logits), 1)), 1);
  const loss = $.add($.mul($.sub(1, wanted), logits), $.mul(factor, $.softplus($.neg(logits))));
  return reduceLoss(loss, reduction);
}
