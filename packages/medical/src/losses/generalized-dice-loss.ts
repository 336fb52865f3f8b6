import { ops as $, range, type Tensor } from '@vesalius/engine';
import { type ClassOptions, compareClasses } from './compare-classes.ts';
import { softOverlap } from './overlap.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are MONAI's. */
export interface GeneralizedDiceLossOptions extends ClassOptions {
  /** A class counts by 1 / size^2, 1 / size, or as any other. */
  readonly wType?: 'square' | 'simple' | 'uniform';
  readonly reduction?: LossReduction;
  readonly smoothNr?: number;
  readonly smoothDr?: number;
  /** Adds up the whole batch before the fraction. */
  readonly batch?: boolean;
}

/**
 * Dice loss of all classes together, small ones weighing more. A class that a sample lacks gets the sample's largest weight.
 *
 * @param prediction - `[B, C, ...S]`, logits when `softmax` or `sigmoid` is set
 * @param target - `[B, C, ...S]`, or class numbers `[B, 1, ...S]` with `toOnehotY`
 * @returns scalar; `[B, 1, 1, ...]` for reduction none
 * @throws SHAPE_MISMATCH when the sizes differ
 * @source Sudre et al. 2017, Generalised Dice overlap as a deep learning loss function
 * @parity monai.losses.GeneralizedDiceLoss
 */
export function generalizedDiceLoss(
  prediction: Tensor,
  target: Tensor,
  options: GeneralizedDiceLossOptions = {},
): Tensor {
  const { wType = 'square', smoothNr = 1e-5, smoothDr = 1e-5, batch = false, reduction } = options;
  const sides = compareClasses(prediction, target, options);
  const { truePositive, falsePositive, falseNegative } = softOverlap(sides, { batch });
  // Summed by itself: true positives and false negatives give it only up to rounding, and a class that is absent must be 0.
  const size = $.sum(
    sides.target,
    range(sides.target.shape.length).filter((axis) => axis > 1 || (batch && axis === 0)),
  );
  const weight = wType === 'uniform' ? $.onesLike(size) : rarity(size, wType);
  const sizes = $.add($.mul(truePositive, 2), $.add(falsePositive, falseNegative));
  const numerator = $.add($.mul($.sum($.mul(truePositive, weight), [1]), 2), smoothNr);
  const denominator = $.add($.sum($.mul(sizes, weight), [1]), smoothDr);
  return reduceLoss($.sub(1, $.div(numerator, denominator)), reduction);
}

function rarity(size: Tensor, wType: 'square' | 'simple'): Tensor {
  const present = $.greater(size, 0);
  const measure = $.where(present, wType === 'square' ? $.square(size) : size, 1);
  const weight = $.where(present, $.reciprocal(measure), 0);
  return $.where(present, weight, $.max(weight, [1]));
}
