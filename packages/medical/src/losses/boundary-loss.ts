import { ops as $, range, type Tensor } from '@vesalius/engine';
import { type ClassOptions, compareClasses } from './compare-classes.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are MONAI's. */
export interface BoundaryLossOptions extends Omit<ClassOptions, 'toOnehotY'> {
  readonly reduction?: LossReduction;
  /** Averages over the batch before the reduction. */
  readonly batch?: boolean;
}

/**
 * Predicted probability times the distance to the target's border, averaged over space: for structures too small for Dice.
 *
 * @param prediction - `[B, C, ...S]`, logits when `softmax` or `sigmoid` is set
 * @param distances - `[B, C, ...S]` in voxels, negative inside the target: `signedDistances` of its masks
 * @returns scalar, negative when good; `[B, C, 1, ...]` for reduction none, B = 1 with `batch`
 * @throws SHAPE_MISMATCH when the sizes differ
 * @source Kervadec et al. 2019, Boundary loss for highly unbalanced segmentation
 * @parity monai.losses.BoundaryLoss
 */
export function boundaryLoss(prediction: Tensor, distances: Tensor, options: BoundaryLossOptions = {}): Tensor {
  const { batch = false, reduction } = options;
  const sides = compareClasses(prediction, distances, options);
  const axes = [...(batch ? [0] : []), ...range(prediction.shape.length - 2, 2)];
  return reduceLoss($.mean($.mul(sides.prediction, sides.target), axes), reduction);
}
