import { rocCurve } from './roc-curve.ts';

/**
 * Area under the ROC curve: how often a positive case scores above a negative one, ties counting half; 0 to 1.
 *
 * NaN unless there are cases of both kinds. For several classes see `averageOverClasses`.
 *
 * @param scores - larger means more likely positive
 * @param truth - 0 or 1, as many
 * @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT
 * @source Hanley and McNeil 1982, The meaning and use of the area under a ROC curve
 * @parity monai.metrics.compute_roc_auc
 */
export function computeRocAuc(scores: ArrayLike<number>, truth: ArrayLike<number>): number {
  const { truePositives, falsePositives, positives, negatives } = rocCurve(scores, truth);
  let doubled = 0;
  for (let i = 1; i < truePositives.length; i++) {
    const width = (falsePositives[i] as number) - (falsePositives[i - 1] as number);
    doubled += width * ((truePositives[i] as number) + (truePositives[i - 1] as number));
  }
  return doubled / 2 / (positives * negatives);
}
