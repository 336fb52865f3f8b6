import { rocCurve } from './roc-curve.ts';

/**
 * Average precision: the precision at every threshold, weighted by the recall that it adds; 0 to 1.
 *
 * NaN unless there are cases of both kinds. For several classes see `averageOverClasses`.
 *
 * @param scores - larger means more likely positive
 * @param truth - 0 or 1, as many
 * @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT
 * @parity monai.metrics.compute_average_precision
 */
export function computeAveragePrecision(scores: ArrayLike<number>, truth: ArrayLike<number>): number {
  const { truePositives, falsePositives, positives, negatives } = rocCurve(scores, truth);
  if (positives === 0 || negatives === 0) return Number.NaN;
  let sum = 0;
  for (let i = 1; i < truePositives.length; i++) {
    const hits = truePositives[i] as number;
    sum += ((hits - (truePositives[i - 1] as number)) * hits) / (hits + (falsePositives[i] as number));
  }
  return sum / positives;
}
