import { VesaliusError } from '@vesalius/errors';

/** What each threshold lets through; a case is called positive when its score is at least the threshold. */
export interface RocCurve {
  /** Every distinct score, descending, after an infinite one that lets nothing through. */
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Counts true and false positives at every threshold; equal scores share one, so ties count half in an area.
 *
 * @param scores - larger means more likely positive
 * @param truth - 0 or 1, as many
 * @throws SHAPE_MISMATCH, NOT_FINITE for a NaN, INVALID_ARGUMENT for a truth that is neither 0 nor 1
 * @parity sklearn.metrics.roc_curve
 */
export function rocCurve(scores: ArrayLike<number>, truth: ArrayLike<number>): RocCurve {
  assertBinary(scores, truth);
  const all = Float64Array.from(scores);
  const positives = all.filter((_, i) => truth[i] === 1).sort();
  const negatives = all.filter((_, i) => truth[i] === 0).sort();
  const thresholds = [Infinity];
  const truePositives = [0];
  const falsePositives = [0];
  let [p, n] = [positives.length, negatives.length];
  while (p > 0 || n > 0) {
    const threshold = Math.max(positives[p - 1] ?? -Infinity, negatives[n - 1] ?? -Infinity);
    while (p > 0 && positives[p - 1] === threshold) p--;
    while (n > 0 && negatives[n - 1] === threshold) n--;
    thresholds.push(threshold);
    truePositives.push(positives.length - p);
    falsePositives.push(negatives.length - n);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    truePositives: Float64Array.from(truePositives),
    falsePositives: Float64Array.from(falsePositives),
    positives: positives.length,
    negatives: negatives.length,
  };
}

/** @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT */
export function assertBinary(scores: ArrayLike<number>, truth: ArrayLike<number>): void {
  if (scores.length !== truth.length) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'scores', got: scores.length, expected: truth.length });
  }
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) throw new VesaliusError('NOT_FINITE', { what: `score of case ${i}`, got: scores[i] });
    if (truth[i] !== 0 && truth[i] !== 1) {
      throw new VesaliusError('INVALID_ARGUMENT', { what: `truth of case ${i}`, got: truth[i], expected: '0 or 1' });
    }
  }
}
