import { meanOfNumbers } from '@vesalius/medical';
import { LESIONS } from '../compare/modality-cases.ts';
import { type ComparedRow, compareModalities } from '../compare/modality-figure.ts';
import { EARLY_FUSION_DROPOUT, MM_FORMER } from '../compare/modality-methods.ts';
import { diceByPatient } from '../compare/modality-statistics.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';

/** Two patients: each is tested by what was trained on the other. */
const FOLDS = 2;
const SEEDS = [0, 1, 2];
/** Those of the tumours. */
const STEPS = { mmFormer: 500, unet: 1000 };
const QUICK_STEPS = 12;

/** The recipe for tumours, unchanged, on lesions of multiple sclerosis: that it runs, not how well. */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const methods = [MM_FORMER, EARLY_FUSION_DROPOUT];
  const rows = await compareModalities({
    name: quick ? 'd3-quick' : 'd3',
    set: LESIONS,
    methods,
    folds: FOLDS,
    seeds: quick ? [0] : SEEDS,
    steps: (method) => (quick ? QUICK_STEPS : method === MM_FORMER ? STEPS.mmFormer : STEPS.unet),
    quick,
    log,
  });
  const own = rows.filter(({ method }) => method === MM_FORMER.name);
  const finite = own.filter(({ values }) => Number.isFinite(values['lesion'])).length;
  const dice = methods.flatMap(({ name }) => Object.entries(diceOf(rows, name)));
  return { figure: { measured: finite, ...Object.fromEntries(dice) }, peer: {} };
}

/** With all modalities, of each patient and the mean of both. */
function diceOf(rows: readonly ComparedRow[], method: string): Record<string, number> {
  const scores = diceByPatient(rows, { methods: [method], subset: '1111' }, ['lesion']);
  const each = [...scores].map(([patient, value]) => [`${method}.${patient}`, value] as const);
  return { [`${method}.dice`]: meanOfNumbers([...scores.values()]), ...Object.fromEntries(each) };
}
