import { bootstrapInterval, type ConfidenceInterval } from '../metrics/bootstrap.ts';
import { computeFpTpProbs, computeFrocCurveData, computeFrocScore, type FrocCurve } from '../metrics/froc.ts';
import { type Candidate, distance, type Finding } from './finding.ts';

/** False positives a scan at which sensitivity is told, as LUNA16 ranks by. */
export const FROC_RATES = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8] as const;
const RESAMPLES = 1000;

export interface DetectedScan {
  readonly findings: readonly Finding[];
  readonly candidates: readonly Candidate[];
}

export interface DetectionFigures {
  readonly scans: number;
  readonly findings: number;
  /** At each of `FROC_RATES`. */
  readonly sensitivities: readonly number[];
  /** Their mean, with an interval over scans. */
  readonly score: ConfidenceInterval;
  readonly curve: FrocCurve;
}

/**
 * Sensitivity against false positives a scan. A candidate hits a finding whose radius it lies within; a second one on the same finding is
 * neither a hit nor a false alarm.
 *
 * @throws INVALID_ARGUMENT without a scan
 * @source Setio et al. 2017, LUNA16
 */
export function detectionFigures(scans: readonly DetectedScan[]): DetectionFigures {
  const parts = scans.map(scoresOf);
  const curveOf = (chosen: Iterable<number>): FrocCurve => frocOf([...chosen].map((i) => parts[i] as ScanScores));
  const all = scans.map((_, i) => i);
  const curve = curveOf(all);
  return {
    scans: scans.length,
    findings: parts.reduce((sum, { targets }) => sum + targets.length, 0),
    sensitivities: FROC_RATES.map((rate) => computeFrocScore(curve, [rate])),
    score: bootstrapInterval(scans.length, (cases) => computeFrocScore(curveOf(cases), FROC_RATES), {
      method: 'percentile',
      resamples: RESAMPLES,
    }),
    curve,
  };
}

interface ScanScores {
  /** Best score of each finding, 0 for one that was missed. */
  readonly targets: Float64Array;
  readonly alarms: Float64Array;
}

function scoresOf({ findings, candidates }: DetectedScan): ScanScores {
  const hits = candidates.map(({ centreMm }) => {
    const far = findings.map((finding) => distance(finding.centreMm, centreMm) / (finding.diameterMm / 2));
    const nearest = far.indexOf(Math.min(...far));
    return (far[nearest] ?? Infinity) <= 1 ? nearest + 1 : 0;
  });
  const scores = candidates.map(({ score }) => score);
  const { fpProbs, tpProbs } = computeFpTpProbs(scores, hits, findings.length);
  return { targets: tpProbs, alarms: fpProbs };
}

/** The curve leaves out the lowest threshold: one below all stands for it. */
function frocOf(parts: readonly ScanScores[]): FrocCurve {
  const tpProbs = Float64Array.from(parts.flatMap(({ targets }) => [...targets]));
  const fpProbs = Float64Array.from([-1, ...parts.flatMap(({ alarms }) => [...alarms])]);
  // A finding that was missed must not count at the threshold 0.
  const found = tpProbs.map((score) => (score === 0 ? -1 : score));
  return computeFrocCurveData({ fpProbs, tpProbs: found }, { numTargets: tpProbs.length, numImages: parts.length });
}
