import { VesaliusError } from '@vesalius/errors';
import { computeAveragePrecision } from '../metrics/average-precision.ts';
import { bootstrapInterval } from '../metrics/bootstrap.ts';
import { brierScore } from '../metrics/brier-score.ts';
import { type CalibrationBin, calibrationBinning, computeCalibrationError } from '../metrics/calibration-error.ts';
import { delongInterval } from '../metrics/delong.ts';
import { computeRocAuc } from '../metrics/roc-auc.ts';

export interface ReportedCases {
  /** Of the class that is asked for. */
  readonly probabilities: ArrayLike<number>;
  /** 1 for a case of the class. */
  readonly truth: ArrayLike<number>;
  /** Whose each case is: cases of one patient are drawn together. */
  readonly patients?: readonly string[];
  /** Properties by which the cases are told apart: sex, device, site; '' where it is not known. */
  readonly groups?: ReadonlyMap<string, readonly string[]>;
}

export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface GroupFigures {
  readonly group: string;
  readonly value: string;
  readonly cases: number;
  readonly positives: number;
  /** NaN where all cases are of one kind. */
  readonly auc: Interval;
  readonly brier: number;
}

export interface ClassificationReport {
  readonly cases: number;
  readonly positives: number;
  /** Undefined where no patient is known: intervals are then too narrow if a patient has several cases. */
  readonly patients: number | undefined;
  /** With the interval of DeLong, which takes cases as independent. */
  readonly auc: Interval;
  /** With the interval of the bootstrap over patients, or over cases where none are known. */
  readonly aucBootstrap: Interval;
  readonly averagePrecision: Interval;
  readonly brier: number;
  /** Expected calibration error over ten bins. */
  readonly calibrationError: number;
  readonly calibration: readonly CalibrationBin[];
  readonly groups: readonly GroupFigures[];
}

const BINS = 10;

/**
 * All that is to be said of a classifier on cases it has not seen: how well it ranks, with intervals, whether its probabilities can be
 * believed, and the same of each group.
 *
 * @param resamples - of the bootstrap, 2,000 by default
 * @throws SHAPE_MISMATCH
 */
export function classificationReport(
  cases: ReportedCases,
  { resamples = 2000, seed = 0 }: { resamples?: number; seed?: number } = {},
): ClassificationReport {
  const { probabilities, truth, patients, groups = new Map() } = cases;
  if (patients && patients.length !== truth.length)
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'patients', got: patients.length, expected: truth.length });
  const { auc, low, high } = delongInterval(probabilities, truth);
  const drawn = { resamples, seed, method: 'percentile' } as const;
  return {
    cases: truth.length,
    positives: countOfPositives(truth),
    patients: patients && new Set(patients).size,
    auc: { value: auc, low, high },
    aucBootstrap: byPatients(cases, computeRocAuc, drawn),
    averagePrecision: byPatients(cases, computeAveragePrecision, drawn),
    brier: brierScore(probabilities, truth),
    calibrationError: computeCalibrationError(probabilities, truth, { numBins: BINS }),
    calibration: calibrationBinning(probabilities, truth, BINS),
    groups: [...groups].flatMap(([group, values]) => groupFigures(cases, group, values)),
  };
}

const countOfPositives = (truth: ArrayLike<number>): number => Array.from(truth).filter((value) => value === 1).length;

type Metric = (probabilities: ArrayLike<number>, truth: ArrayLike<number>) => number;

function byPatients(
  { probabilities, truth, patients }: ReportedCases,
  metric: Metric,
  options: { resamples: number; seed: number; method: 'percentile' },
): Interval {
  const members = new Map<string, number[]>();
  for (let i = 0; i < truth.length; i++) {
    const patient = patients?.[i] ?? `${i}`;
    const known = members.get(patient);
    if (known) known.push(i);
    else members.set(patient, [i]);
  }
  const clusters = [...members.values()];
  const statistic = (chosen: Int32Array): number => {
    const cases = Array.from(chosen, (n) => clusters[n] as number[]).flat();
    return metric(
      cases.map((i) => probabilities[i] as number),
      cases.map((i) => truth[i] as number),
    );
  };
  const { estimate, low, high } = bootstrapInterval(clusters.length, statistic, options);
  return { value: estimate, low, high };
}

function groupFigures(
  { probabilities, truth }: ReportedCases,
  group: string,
  values: readonly string[],
): GroupFigures[] {
  return [...new Set(values)].toSorted().map((value) => {
    const chosen = Array.from({ length: truth.length }, (_, i) => i).filter((i) => values[i] === value);
    const own = chosen.map((i) => probabilities[i] as number);
    const ownTruth = chosen.map((i) => truth[i] as number);
    const positives = countOfPositives(ownTruth);
    const both = positives > 0 && positives < chosen.length;
    const { auc, low, high } = both
      ? delongInterval(own, ownTruth)
      : { auc: Number.NaN, low: Number.NaN, high: Number.NaN };
    return {
      group,
      value,
      cases: chosen.length,
      positives,
      auc: { value: auc, low, high },
      brier: brierScore(own, ownTruth),
    };
  });
}
