import { ops as $, type Tensor } from '@vesalius/engine';
import { type ClassOptions, compareClasses } from './compare-classes.ts';
import { softOverlap } from './overlap.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are MONAI's. */
export interface TverskyLossOptions extends ClassOptions {
  /** Weight of false positives. */
  readonly alpha?: number;
  /** Weight of false negatives. */
  readonly beta?: number;
  readonly reduction?: LossReduction;
  readonly smoothNr?: number;
  readonly smoothDr?: number;
  /** Adds up the whole batch before the fraction. */
  readonly batch?: boolean;
}

/**
 * Overlap loss that weighs false positives and false negatives apart; Dice at 0.5 and 0.5.
 *
 * @param prediction - `[B, C, ...S]`, logits when `softmax` or `sigmoid` is set
 * @param target - `[B, C, ...S]`, or class numbers `[B, 1, ...S]` with `toOnehotY`
 * @returns scalar, 0 (perfect) to 1; `[B, C, 1, ...]` for reduction none, B = 1 with `batch`
 * @throws SHAPE_MISMATCH when the sizes differ
 * @source Salehi et al. 2017, Tversky loss function for image segmentation
 * @parity monai.losses.TverskyLoss
 */
export function tverskyLoss(prediction: Tensor, target: Tensor, options: TverskyLossOptions = {}): Tensor {
  const { alpha = 0.5, beta = 0.5, smoothNr = 1e-5, smoothDr = 1e-5, batch = false, reduction } = options;
  const { truePositive, falsePositive, falseNegative } = softOverlap(compareClasses(prediction, target, options), {
    batch,
  });
  const errors = $.add($.mul(falsePositive, alpha), $.mul(falseNegative, beta));
  const numerator = $.add(truePositive, smoothNr);
  const denominator = $.add($.add(truePositive, errors), smoothDr);
  return reduceLoss($.sub(1, $.div(numerator, denominator)), reduction);
}
