import { ops as $, range, type Tensor } from '@vesalius/engine';
import { type ClassOptions, compareClasses } from './compare-classes.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are MONAI's. */
export interface HausdorffDTLossOptions extends ClassOptions {
  /** `[B, C, ...S]`: `hausdorffDistances` of the probabilities and the target, computed by the host. */
  readonly distances: Tensor;
  readonly reduction?: LossReduction;
  /** Averages over the batch before the reduction. */
  readonly batch?: boolean;
}

/**
 * Squared error weighted by the distance to the borders of prediction and target, so that far-off errors cost most.
 *
 * @param prediction - `[B, C, ...S]`, logits when `softmax` or `sigmoid` is set
 * @param target - `[B, C, ...S]`, or class numbers `[B, 1, ...S]` with `toOnehotY`
 * @returns scalar; `[B, C, 1, ...]` for reduction none, B = 1 with `batch`. the background is left out by default
 * @throws SHAPE_MISMATCH when the sizes differ
 * @source Karimi and Salcudean 2019, Reducing the Hausdorff distance in medical image segmentation
 * @parity monai.losses.HausdorffDTLoss
 */
export function hausdorffDTLoss(prediction: Tensor, target: Tensor, options: HausdorffDTLossOptions): Tensor {
  const { distances, includeBackground = prediction.shape[1] === 1, batch = false, reduction } = options;
  const sides = compareClasses(prediction, target, { ...options, includeBackground });
  const weights = compareClasses(prediction, distances, { includeBackground }).target;
  const axes = [...(batch ? [0] : []), ...range(prediction.shape.length - 2, 2)];
  const error = $.square($.sub(sides.prediction, sides.target));
  return reduceLoss($.mean($.mul(error, weights), axes), reduction);
}
