import { ops as $, range, type Tensor } from '@vesalius/engine';
import type { ClassComparison } from './compare-classes.ts';

export interface Overlap {
  readonly truePositive: Tensor;
  readonly falsePositive: Tensor;
  readonly falseNegative: Tensor;
}

export interface OverlapOptions {
  /** Adds up the whole batch, so that each class has one value. */
  readonly batch?: boolean;
  /** Squares in the sizes of prediction and target. */
  readonly squaredPred?: boolean;
}

/** Soft counts over space, `[B, C, 1, ...]`, or `[1, C, 1, ...]` over the batch too. */
export function softOverlap(
  { prediction, target }: ClassComparison,
  { batch = false, squaredPred = false }: OverlapOptions,
): Overlap {
  const axes = [...(batch ? [0] : []), ...range(prediction.shape.length - 2, 2)];
  const size = (x: Tensor): Tensor => $.sum(squaredPred ? $.square(x) : x, axes);
  const truePositive = $.sum($.mul(prediction, target), axes);
  return {
    truePositive,
    falsePositive: $.sub(size(prediction), truePositive),
    falseNegative: $.sub(size(target), truePositive),
  };
}
