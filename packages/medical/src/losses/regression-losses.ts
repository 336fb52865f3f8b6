import { ops as $, type Tensor } from '@vesalius/engine';
import { compareClasses } from './compare-classes.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are PyTorch's. */
export interface RegressionLossOptions {
  readonly reduction?: LossReduction;
}

function difference(prediction: Tensor, target: Tensor): Tensor {
  return $.sub(prediction, compareClasses(prediction, target, {}).target);
}

/**
 * Squared difference.
 *
 * @throws SHAPE_MISMATCH when the shapes differ
 * @parity torch.nn.MSELoss
 */
export function meanSquaredError(
  prediction: Tensor,
  target: Tensor,
  { reduction }: RegressionLossOptions = {},
): Tensor {
  return reduceLoss($.square(difference(prediction, target)), reduction);
}

/**
 * Absolute difference.
 *
 * @throws SHAPE_MISMATCH when the shapes differ
 * @parity torch.nn.L1Loss
 */
export function meanAbsoluteError(
  prediction: Tensor,
  target: Tensor,
  { reduction }: RegressionLossOptions = {},
): Tensor {
  return reduceLoss($.abs(difference(prediction, target)), reduction);
}

/**
 * Half the squared difference up to `delta`, beyond it linear.
 *
 * @throws SHAPE_MISMATCH when the shapes differ
 * @source Huber 1964
 * @parity torch.nn.HuberLoss
 */
export function huberLoss(
  prediction: Tensor,
  target: Tensor,
  options: RegressionLossOptions & { readonly delta?: number } = {},
): Tensor {
  const { delta = 1, reduction } = options;
  const distance = $.abs(difference(prediction, target));
  const inner = $.minimum(distance, delta);
  return reduceLoss($.add($.mul($.square(inner), 0.5), $.mul($.sub(distance, inner), delta)), reduction);
}
