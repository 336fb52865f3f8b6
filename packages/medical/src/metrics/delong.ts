import { VesaliusError } from '@vesalius/errors';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { assertBinary } from './roc-curve.ts';

export interface AucInterval {
  readonly auc: number;
  readonly variance: number;
  readonly low: number;
  readonly high: number;
}

export interface AucComparison {
  /** AUC of the first scores minus that of the second. */
  readonly difference: number;
  readonly variance: number;
  readonly z: number;
  /** Two-sided; 1 when both score alike. */
  readonly pValue: number;
}

/**
 * Area under the ROC curve with DeLong's variance and a normal interval, cut off at 0 and 1.
 *
 * All cases must be independent: for several images of one patient take the clustered bootstrap.
 *
 * @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT with fewer than two cases of either kind
 * @source DeLong et al. 1988; Sun and Xu 2014, Fast implementation of DeLong's algorithm
 * @parity golden.make.metrics.delong
 */
export function delongInterval(scores: ArrayLike<number>, truth: ArrayLike<number>, confidence = 0.95): AucInterval {
  const placements = placementsOf(scores, truth);
  const variance = covariance(placements, placements);
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance);
  const { auc } = placements;
  return { auc, variance, low: Math.max(0, auc - reach), high: Math.min(1, auc + reach) };
}

/**
 * Tests whether two sets of scores of the same cases have different areas under their ROC curves.
 *
 * @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT with fewer than two cases of either kind
 * @source DeLong et al. 1988, Comparing the areas under two or more correlated ROC curves
 * @parity golden.make.metrics.delong
 */
export function delongTest(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  truth: ArrayLike<number>,
): AucComparison {
  const [a, b] = [placementsOf(first, truth), placementsOf(second, truth)];
  const difference = a.auc - b.auc;
  const variance = Math.max(0, covariance(a, a) + covariance(b, b) - 2 * covariance(a, b));
  const z = difference === 0 ? 0 : difference / Math.sqrt(variance);
  return { difference, variance, z, pValue: 2 * normalCdf(-Math.abs(z)) };
}

interface Placements {
  readonly auc: number;
  /** Of each positive case: the share of negative ones below it, ties counting half. */
  readonly ofPositives: Float64Array;
  /** Of each negative case: the share of positive ones above it. */
  readonly ofNegatives: Float64Array;
}

function placementsOf(scores: ArrayLike<number>, truth: ArrayLike<number>): Placements {
  assertBinary(scores, truth);
  const all = Float64Array.from(scores);
  const positives = all.filter((_, i) => truth[i] === 1);
  const negatives = all.filter((_, i) => truth[i] === 0);
  const [m, n] = [positives.length, negatives.length];
  if (m < 2 || n < 2) {
    const what = 'positive and negative cases';
    throw new VesaliusError('INVALID_ARGUMENT', { what, got: [m, n], expected: 'at least 2 of each' });
  }
  const [sortedPositives, sortedNegatives] = [positives.slice().sort(), negatives.slice().sort()];
  const ofPositives = positives.map((score) => rankAmong(sortedNegatives, score) / n);
  const ofNegatives = negatives.map((score) => 1 - rankAmong(sortedPositives, score) / m);
  return { auc: mean(ofPositives), ofPositives, ofNegatives };
}

/** How many sorted values lie below, ties counting half. */
function rankAmong(sorted: Float64Array, value: number): number {
  return (firstFrom(sorted, (other) => other >= value) + firstFrom(sorted, (other) => other > value)) / 2;
}

function firstFrom(sorted: Float64Array, isPast: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isPast(sorted[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function covariance(a: Placements, b: Placements): number {
  return (
    sampleCovariance(a.ofPositives, b.ofPositives) / a.ofPositives.length +
    sampleCovariance(a.ofNegatives, b.ofNegatives) / a.ofNegatives.length
  );
}

function sampleCovariance(a: Float64Array, b: Float64Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const sum = a.reduce((total, value, i) => total + (value - meanA) * ((b[i] as number) - meanB), 0);
  return sum / (a.length - 1);
}

function mean(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
