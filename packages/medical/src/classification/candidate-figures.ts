import { computeAveragePrecision } from '../metrics/average-precision.ts';
import { bootstrapInterval, type ConfidenceInterval, takeCases } from '../metrics/bootstrap.ts';
import { computeRocAuc } from '../metrics/roc-auc.ts';
import { rocCurve } from '../metrics/roc-curve.ts';

const RATES = [1, 4, 8];
const RESAMPLES = 1000;

/** Candidates of nodules, what a classifier said of them and what they were. */
export interface ScoredCandidates {
  readonly scores: ArrayLike<number>;
  /** 1 for a nodule. */
  readonly truth: ArrayLike<number>;
  /** What each belongs to, such as its exam: resampled together. */
  readonly clusters?: ArrayLike<string | number>;
}

/** Each with its 95 % interval; NaN without candidates of both kinds. */
export interface CandidateFigures {
  readonly auc: ConfidenceInterval;
  readonly averagePrecision: ConfidenceInterval;
  /** At 1, 4 and 8 false positives per 100 candidates. */
  readonly sensitivities: readonly ConfidenceInterval[];
}

/** What a reader of candidates asks: how well they are told apart, and how many nodules are found at a bearable number of false alarms. */
export function candidateFigures({ scores, truth, clusters }: ScoredCandidates): CandidateFigures {
  const interval = (statistic: (scores: ArrayLike<number>, truth: ArrayLike<number>) => number): ConfidenceInterval =>
    bootstrapInterval(scores.length, (cases) => statistic(takeCases(scores, cases), takeCases(truth, cases)), {
      method: 'percentile',
      resamples: RESAMPLES,
      ...(clusters && { clusters }),
    });
  return {
    auc: interval(computeRocAuc),
    averagePrecision: interval(computeAveragePrecision),
    sensitivities: RATES.map((rate) => interval((s, t) => sensitivityAtFalsePositives(s, t, rate))),
  };
}

/**
 * The share of nodules that score above a threshold which lets through at most so many false positives per 100 candidates.
 *
 * @returns 0 to 1; NaN without nodules
 * @throws SHAPE_MISMATCH, NOT_FINITE, INVALID_ARGUMENT
 */
export function sensitivityAtFalsePositives(
  scores: ArrayLike<number>,
  truth: ArrayLike<number>,
  per100: number,
): number {
  const { truePositives, falsePositives, positives } = rocCurve(scores, truth);
  const allowed = (per100 * scores.length) / 100;
  const within = falsePositives.findLastIndex((count) => count <= allowed);
  return (truePositives[within] as number) / positives;
}

/** Figures of every site by itself, and of all their candidates together: a pooled figure hides a site that the model fails. */
export function federatedFigures(sites: ReadonlyMap<string, ScoredCandidates>): {
  readonly perSite: ReadonlyMap<string, CandidateFigures>;
  readonly pooled: CandidateFigures;
} {
  const all = [...sites];
  const pooled = {
    scores: all.flatMap(([, { scores }]) => Array.from(scores)),
    truth: all.flatMap(([, { truth }]) => Array.from(truth)),
    clusters: all.flatMap(([site, { scores, clusters }]) =>
      Array.from(scores, (_, n) => `${site} ${clusters?.[n] ?? n}`),
    ),
  };
  return {
    perSite: new Map(all.map(([site, candidates]) => [site, candidateFigures(candidates)])),
    pooled: candidateFigures(pooled),
  };
}
