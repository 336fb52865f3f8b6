import type { LayerValues } from '@vesalius/federated';
import { bootstrapInterval, type ClassifierScorer, computeAveragePrecision, computeRocAuc } from '@vesalius/medical';
import type { HospitalData } from './f1-data.ts';

const RESAMPLES = 200;

type Score = (scores: Float32Array, labels: Uint8Array) => number;
const SCORES: Readonly<Record<string, Score>> = { auc: computeRocAuc, averagePrecision: computeAveragePrecision };

/**
 * Scores of the hospitals' models on the validation patches, each on its own grey scale: means over hospitals, with 95 % intervals by drawing patches
 * anew (the same for all hospitals).
 */
export async function scoresWithIntervals(
  scorer: ClassifierScorer,
  data: readonly HospitalData[],
  modelOf: (n: number) => LayerValues,
): Promise<Record<string, number>> {
  const scored: Float32Array[] = [];
  for (const [n, { validation }] of data.entries())
    scored.push((await scorer.score(modelOf(n), validation)).filter((_, i) => i % 2 === 1));
  const labels = data[0]?.validation.labels ?? new Uint8Array();
  const found: Record<string, number> = {};
  for (const [name, score] of Object.entries(SCORES)) {
    const over = (cases: Int32Array) => {
      const truth = Uint8Array.from(cases, (i) => labels[i] as number);
      const each = scored.map((scores) =>
        score(
          Float32Array.from(cases, (i) => scores[i] as number),
          truth,
        ),
      );
      return each.reduce((sum, one) => sum + one, 0) / each.length;
    };
    const options = { method: 'percentile', resamples: RESAMPLES } as const;
    const { estimate, low, high } = bootstrapInterval(labels.length, over, options);
    Object.assign(found, { [name]: estimate, [`${name}Low`]: low, [`${name}High`]: high });
  }
  return found;
}
