import { Random } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { quantileOfSorted } from './quantile.ts';
import { meanOfNumbers } from './reduce-metric.ts';

export interface BootstrapOptions {
  /** `bca` (default) corrects for bias and skew; `percentile` takes the resamples as they are. */
  readonly method?: 'bca' | 'percentile';
  /** Default: 0.95. */
  readonly confidence?: number;
  /** Default: 2,000. */
  readonly resamples?: number;
  /** Default: 0. */
  readonly seed?: number | string;
  /** What each case belongs to, such as its patient: those go into a resample, or stay out, together. */
  readonly clusters?: ArrayLike<string | number>;
}

export interface ConfidenceInterval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly standardError: number;
  /** Resamples that gave a number; the others (such as an AUC without positive cases) were left out. */
  readonly resamples: number;
}

/** A figure computed from some of the cases; a case may come several times. */
export type CaseStatistic = (cases: Int32Array) => number;

/**
 * Confidence interval of any figure, by computing it again on cases drawn with replacement.
 *
 * NaN throughout when the figure itself is NaN.
 *
 * @param count - how many cases there are; the statistic gets their indices
 * @throws INVALID_ARGUMENT, SHAPE_MISMATCH when there is not one cluster a case
 * @source Efron 1987, Better bootstrap confidence intervals; Field and Welsh 2007, Bootstrapping clustered data
 */
export function bootstrapInterval(
  count: number,
  statistic: CaseStatistic,
  options: BootstrapOptions = {},
): ConfidenceInterval {
  return resample(count, statistic, options).interval;
}

/** Confidence interval of the mean of a metric over cases, such as each case's Dice; NaN is left out. */
export function bootstrapMean(perCase: ArrayLike<number>, options: BootstrapOptions = {}): ConfidenceInterval {
  return bootstrapInterval(perCase.length, (cases) => meanOfNumbers(takeCases(perCase, cases)), options);
}

/**
 * Confidence interval of the mean difference of two methods on the same cases; a case without both numbers is left out.
 *
 * @returns with the two-sided p-value of no difference: twice the share of resamples on the other side of 0
 * @throws SHAPE_MISMATCH
 */
export function bootstrapDifference(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  options: BootstrapOptions = {},
): ConfidenceInterval & { readonly pValue: number } {
  if (first.length !== second.length) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'cases of the second method',
      got: second.length,
      expected: first.length,
    });
  }
  const differences = Float64Array.from(first, (value, i) => value - (second[i] as number));
  const mean: CaseStatistic = (cases) => meanOfNumbers(takeCases(differences, cases));
  const { interval, sorted } = resample(differences.length, mean, options);
  const atMost0 = sorted.filter((value) => value <= 0).length;
  const atLeast0 = sorted.filter((value) => value >= 0).length;
  const pValue = Math.min(1, (2 * (Math.min(atMost0, atLeast0) + 1)) / (sorted.length + 1));
  return { ...interval, pValue: Number.isNaN(interval.estimate) ? Number.NaN : pValue };
}

/** The values of the cases drawn. */
export function takeCases(values: ArrayLike<number>, cases: Int32Array): Float64Array {
  const taken = new Float64Array(cases.length);
  for (let i = 0; i < taken.length; i++) taken[i] = values[cases[i] as number] as number;
  return taken;
}

/**
 * The ends of a bias-corrected and accelerated interval.
 *
 * Falls back to percentiles where all resamples lie on one side of the estimate.
 *
 * @param sorted - the figure in every resample, ascending
 * @param leftOut - the figure with each case or cluster left out in turn
 * @source Efron 1987, Better bootstrap confidence intervals
 * @parity scipy.stats.bootstrap
 */
export function bcaEnds(
  sorted: Float64Array,
  { estimate, leftOut, confidence }: { estimate: number; leftOut: Float64Array; confidence: number },
): [number, number] {
  const [below, upTo] = [sorted.filter((v) => v < estimate).length, sorted.filter((v) => v <= estimate).length];
  const bias = normalQuantile((below + upTo) / 2 / sorted.length);
  const acceleration = accelerationOf(leftOut);
  const end = (share: number): number => {
    const z = bias + normalQuantile(share);
    const corrected = normalCdf(bias + z / (1 - acceleration * z));
    return quantileOfSorted(sorted, Number.isFinite(bias) ? corrected : share);
  };
  return [end((1 - confidence) / 2), end((1 + confidence) / 2)];
}

function accelerationOf(leftOut: Float64Array): number {
  const numbers = leftOut.filter((value) => !Number.isNaN(value));
  const mean = meanOfNumbers(numbers);
  const [square, cube] = [2, 3].map((power) => numbers.reduce((sum, value) => sum + (mean - value) ** power, 0)) as [
    number,
    number,
  ];
  return square === 0 ? 0 : cube / (6 * square ** 1.5);
}

interface Resampled {
  readonly interval: ConfidenceInterval;
  readonly sorted: Float64Array;
}

function resample(count: number, statistic: CaseStatistic, options: BootstrapOptions): Resampled {
  const { method = 'bca', confidence = 0.95, resamples = 2000, seed = 0 } = options;
  if (!(confidence > 0 && confidence < 1) || !(Number.isInteger(resamples) && resamples > 0)) {
    const expected = 'a confidence between 0 and 1, at least 1 resample';
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'bootstrap', got: [confidence, resamples], expected });
  }
  const groups = groupCases(count, options.clusters);
  const random = new Random(seed);
  const estimate = statistic(Int32Array.from({ length: count }, (_, i) => i));
  const draw = (): number =>
    statistic(concatenate(groups.map(() => groups[random.integer(groups.length)] as Int32Array)));
  const values = Float64Array.from({ length: Number.isNaN(estimate) ? 0 : resamples }, draw);
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const standardError = standardDeviation(sorted);
  const [low, high] = ends();
  return { interval: { estimate, low, high, standardError, resamples: sorted.length }, sorted };

  function ends(): [number, number] {
    if (method === 'percentile' || sorted.length === 0) {
      return [quantileOfSorted(sorted, (1 - confidence) / 2), quantileOfSorted(sorted, (1 + confidence) / 2)];
    }
    const leftOut = Float64Array.from(groups, (group) =>
      statistic(concatenate(groups.filter((other) => other !== group))),
    );
    return bcaEnds(sorted, { estimate, leftOut, confidence });
  }
}

function groupCases(count: number, clusters: ArrayLike<string | number> | undefined): Int32Array[] {
  if (clusters && clusters.length !== count) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'clusters', got: clusters.length, expected: count });
  }
  const groups = new Map<string | number, number[]>();
  for (let i = 0; i < count; i++) {
    const name = clusters ? (clusters[i] as string | number) : i;
    const group = groups.get(name);
    if (group) group.push(i);
    else groups.set(name, [i]);
  }
  return Array.from(groups.values(), (group) => Int32Array.from(group));
}

function concatenate(groups: readonly Int32Array[]): Int32Array {
  const cases = new Int32Array(groups.reduce((sum, group) => sum + group.length, 0));
  let at = 0;
  for (const group of groups) {
    cases.set(group, at);
    at += group.length;
  }
  return cases;
}

function standardDeviation(values: Float64Array): number {
  const mean = meanOfNumbers(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
