import { ops as $, type Tensor } from '@vesalius/engine';
import { type ClassOptions, classWeights, compareClasses } from './compare-classes.ts';
import { type OverlapOptions, softOverlap } from './overlap.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are MONAI's. */
export interface DiceLossOptions extends ClassOptions, OverlapOptions {
  /** Intersection over union in place of Dice. */
  readonly jaccard?: boolean;
  readonly reduction?: LossReduction;
  /** Added above the fraction bar. */
  readonly smoothNr?: number;
  /** Added below the fraction bar. */
  readonly smoothDr?: number;
  /** Of each class that counts. */
  readonly weight?: readonly number[];
}

/**
 * Soft Dice loss, averaged over classes and batch.
 *
 * @param prediction - `[B, C, ...S]`, logits when `softmax` or `sigmoid` is set
 * @param target - `[B, C, ...S]`, or class numbers `[B, 1, ...S]` with `toOnehotY`
 * @returns scalar, 0 (perfect) to 1; `[B, C, 1, ...]` for reduction none, B = 1 with `batch`
 * @throws SHAPE_MISMATCH when the sizes differ
 * @source Milletari et al. 2016, V-Net
 * @parity monai.losses.DiceLoss
 */
export function diceLoss(prediction: Tensor, target: Tensor, options: DiceLossOptions = {}): Tensor {
  const { jaccard = false, smoothNr = 1e-5, smoothDr = 1e-5, weight, reduction } = options;
  const sides = compareClasses(prediction, target, options);
  const { truePositive, falsePositive, falseNegative } = softOverlap(sides, options);
  const errors = $.mul($.add(falsePositive, falseNegative), jaccard ? 1 : 0.5);
  const numerator = $.add($.mul(truePositive, 2), smoothNr);
  const denominator = $.add($.mul($.add(truePositive, errors), 2), smoothDr);
  const loss = $.sub(1, $.div(numerator, denominator));
  return reduceLoss(weight ? $.mul(loss, classWeights(weight, sides.prediction)) : loss, reduction);
}
