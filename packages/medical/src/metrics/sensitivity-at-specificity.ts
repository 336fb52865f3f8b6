import { type RocCurve, rocCurve } from './roc-curve.ts';

/** What one threshold achieves: positive means a score of at least `threshold`. */
export interface OperatingPoint {
  readonly sensitivity: number;
  readonly specificity: number;
  readonly threshold: number;
}

/**
 * The most sensitive threshold that is still as specific as asked for; of equals the most specific.
 *
 * Values are NaN unless there are cases of both kinds.
 *
 * @param minSpecificity - 0 to 1
 * @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT
 */
export function sensitivityAtSpecificity(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  minSpecificity: number,
): OperatingPoint {
  return best(
    pointsOf(rocCurve(scores, truth)).filter((point) => !(point.specificity < minSpecificity)),
    (a, b) => b.sensitivity - a.sensitivity || b.specificity - a.specificity,
  );
}

/**
 * The most specific threshold that is still as sensitive as asked for; of equals the most sensitive.
 *
 * Values are NaN unless there are cases of both kinds.
 *
 * @param minSensitivity - 0 to 1
 * @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT
 */
export function specificityAtSensitivity(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  minSensitivity: number,
): OperatingPoint {
  return best(
    pointsOf(rocCurve(scores, truth)).filter((point) => !(point.sensitivity < minSensitivity)),
    (a, b) => b.specificity - a.specificity || b.sensitivity - a.sensitivity,
  );
}

function pointsOf({ thresholds, truePositives, falsePositives, positives, negatives }: RocCurve): OperatingPoint[] {
  return Array.from(thresholds, (threshold, i) => ({
    threshold,
    sensitivity: (truePositives[i] as number) / positives,
    specificity: (negatives - (falsePositives[i] as number)) / negatives,
  }));
}

function best(points: OperatingPoint[], order: (a: OperatingPoint, b: OperatingPoint) => number): OperatingPoint {
  const nothing = { sensitivity: Number.NaN, specificity: Number.NaN, threshold: Number.NaN };
  return points.sort(order)[0] ?? nothing;
}
