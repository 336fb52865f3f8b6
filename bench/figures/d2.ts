import { meanOfNumbers } from '@vesalius/medical';
import { TUMOUR } from '../compare/modality-cases.ts';
import { type ComparedRow, compareModalities } from '../compare/modality-figure.ts';
import {
  EARLY_FUSION,
  EARLY_FUSION_DROPOUT,
  MM_FORMER,
  type ModalityMethod,
  SINGLE,
} from '../compare/modality-methods.ts';
import { diceByPatient, pairedGain, withEnds } from '../compare/modality-statistics.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';

const FOLDS = 3;
const SEEDS = [0, 1, 2];
/** A step of a U-Net takes half the time of one of mmFormer: the same time buys twice as many. About three minutes a training, so that all 63 fit in four hours. */
const STEPS = { mmFormer: 500, unet: 1000 };
const QUICK_STEPS = 12;
const METHODS = [MM_FORMER, EARLY_FUSION, EARLY_FUSION_DROPOUT, ...SINGLE];
const FULL = '1111';
const REGIONS = Object.keys(TUMOUR.regions);

/** mmFormer with all and with any of four modalities, against a U-Net for each alone and U-Nets that are given all at once. */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const rows = await compareModalities({
    name: quick ? 'd2-quick' : 'd2',
    set: TUMOUR,
    methods: METHODS,
    folds: FOLDS,
    seeds: quick ? [0] : SEEDS,
    steps: (method) => (quick ? QUICK_STEPS : method === MM_FORMER ? STEPS.mmFormer : STEPS.unet),
    quick,
    log,
  });
  const figure = {
    ...counts(rows),
    ...gains(rows),
    ...regions(rows),
    ...subsets(rows),
    ...contributions(rows),
    ...costs(rows),
  };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value.toFixed(4)}`);
  return { figure, peer: {} };
}

function counts(rows: readonly ComparedRow[]): Record<string, number> {
  const own = rows.filter(({ method }) => method === MM_FORMER.name);
  const count = (of: (row: ComparedRow) => unknown): number => new Set(own.map(of)).size;
  return {
    patients: count((row) => row.patient),
    seeds: count((row) => row.seed),
    subsets: count((row) => row.subset),
  };
}

/** Over patients; a score is the mean of three regions and all seeds. The best single modality is chosen after the fact. */
function gains(rows: readonly ComparedRow[]): Record<string, number> {
  const dice = (methods: readonly ModalityMethod[], subset?: string) =>
    diceByPatient(rows, { methods: methods.map(({ name }) => name), ...(subset && { subset }) }, REGIONS);
  const own = dice([MM_FORMER], FULL);
  const alone = SINGLE.map((method) => dice([method]));
  const level = (scores: ReadonlyMap<string, number>): number => meanOfNumbers([...scores.values()]);
  const best = alone.reduce((a, b) => (level(b) > level(a) ? b : a));
  return {
    dice: level(own),
    meanSingleDice: level(dice(SINGLE)),
    bestSingleDice: level(best),
    earlyDice: level(dice([EARLY_FUSION], FULL)),
    earlyDropoutDice: level(dice([EARLY_FUSION_DROPOUT], FULL)),
    ...withEnds('gainOverMeanSingle', pairedGain(own, dice(SINGLE), 'relative')),
    ...withEnds('gainOverBestSingle', pairedGain(own, best, 'relative')),
    ...withEnds('overEarly', pairedGain(own, dice([EARLY_FUSION], FULL), 'difference')),
    ...withEnds('overEarlyDropout', pairedGain(own, dice([EARLY_FUSION_DROPOUT], FULL), 'difference')),
    ...withEnds(
      'overEarlyDropoutAllSubsets',
      pairedGain(dice([MM_FORMER]), dice([EARLY_FUSION_DROPOUT]), 'difference'),
    ),
  };
}

function regions(rows: readonly ComparedRow[]): Record<string, number> {
  const entries = METHODS.flatMap(({ name, subsets: asked }) =>
    REGIONS.map((region) => {
      const subset = (asked.at(-1) ?? []).join('');
      const scores = diceByPatient(rows, { methods: [name], subset }, [region]);
      return [`${name}.${region}`, meanOfNumbers([...scores.values()])] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** The table: mean Dice of each method by what it was given, as `mmFormer.t1ce+flair`. */
function subsets(rows: readonly ComparedRow[]): Record<string, number> {
  const entries = [MM_FORMER, EARLY_FUSION_DROPOUT, EARLY_FUSION].flatMap(({ name, subsets: asked }) =>
    asked.map((mask) => {
      const scores = diceByPatient(rows, { methods: [name], subset: mask.join('') }, REGIONS);
      const given = TUMOUR.modalities.filter((_, m) => mask[m] === 1).join('+');
      return [`${name}.${given}`, meanOfNumbers([...scores.values()])] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** Of each modality: its share of attention when all are there, and the Dice that is lost without it. */
function contributions(rows: readonly ComparedRow[]): Record<string, number> {
  const own = rows.filter(({ method }) => method === MM_FORMER.name);
  const full = own.filter(({ subset }) => subset === FULL);
  const level = (subset: string): number =>
    meanOfNumbers([...diceByPatient(own, { methods: [MM_FORMER.name], subset }, REGIONS).values()]);
  const entries = TUMOUR.modalities.flatMap((name, m) => {
    const without = [...FULL].with(m, '0').join('');
    return [
      [`attention.${name}`, meanOfNumbers(full.map(({ values }) => values[`share${m}`] as number))],
      [`leaveOneOut.${name}`, level(FULL) - level(without)],
    ] as const;
  });
  return Object.fromEntries(entries);
}

function costs(rows: readonly ComparedRow[]): Record<string, number> {
  const entries = [MM_FORMER, EARLY_FUSION_DROPOUT].flatMap(({ name }) => {
    const own = rows.filter(({ method }) => method === name);
    const mean = (column: string): number => meanOfNumbers(own.map(({ values }) => values[column] as number));
    return [
      [`${name}.parameters`, mean('parameters')],
      [`${name}.trainingCpuSeconds`, mean('cpuSeconds')],
    ] as const;
  });
  return Object.fromEntries(entries);
}
