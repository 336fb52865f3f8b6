import { meanOfNumbers } from '@vesalius/medical';
import { diceByPatient } from '../compare/modality-statistics.ts';
import { compareRegions, type RegionComparisonResult } from '../compare/region-comparison.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';

const FULL = 'FLAIR+T1+T1POST+T2';
const METHODS = ['mmFormer', 'early-dropout'];

/**
 * The recipe for tumours, unchanged, on lesions of multiple sclerosis: bench/compare/lesions.json has the plan and the recipes of tumour.json. Each of two
 * patients is tested by what was trained on the other: that it runs, not how well.
 */
export async function measure(options: FigureOptions): Promise<FigureResult> {
  const comparison = await compareRegions({
    ...options,
    name: 'd3',
    file: 'lesions.json',
    data: 'open_ms_lesions_2mm',
  });
  const own = comparison.rows.filter(({ method }) => method === METHODS[0]);
  const measured = own.filter(({ values }) => Number.isFinite(values['lesion'])).length;
  const dice = METHODS.flatMap((method) => Object.entries(diceOf(comparison, method)));
  return { figure: { measured, ...Object.fromEntries(dice) }, peer: {} };
}

/** With all modalities, of each patient and the mean of both. */
function diceOf({ rows, regions }: RegionComparisonResult, method: string): Record<string, number> {
  const scores = diceByPatient(rows, { methods: [method], subset: FULL }, regions);
  const each = [...scores].map(([patient, value]) => [`${method}.${patient}`, value] as const);
  return { [`${method}.dice`]: meanOfNumbers([...scores.values()]), ...Object.fromEntries(each) };
}
