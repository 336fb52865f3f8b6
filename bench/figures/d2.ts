import { meanOfNumbers } from '@vesalius/medical';
import { attentionShares } from '../compare/modality-attention.ts';
import { diceByPatient, pairedGain, withEnds } from '../compare/modality-statistics.ts';
import { compareRegions, type RegionComparisonResult, type ScoredRow } from '../compare/region-comparison.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';

const DATA = 'brats18_2mm';
const MODALITIES = ['flair', 't1', 't1ce', 't2'];
const FULL = MODALITIES.join('+');
const MM_FORMER = 'mmFormer';
const EARLY = 'early';
const EARLY_DROPOUT = 'early-dropout';
const FOLDS = 3;

/**
 * mmFormer with all and with any of four modalities, against a U-Net for each alone and U-Nets that are given all at once: bench/compare/tumour.json by
 * `vesalius compare`. A step of a U-Net takes half the time of one of mmFormer, so the same time buys twice as many.
 */
export async function measure(options: FigureOptions): Promise<FigureResult> {
  const comparison = await compareRegions({ ...options, name: 'd2', file: 'tumour.json', data: DATA });
  const figure = {
    ...counts(comparison),
    ...gains(comparison),
    ...tables(comparison),
    ...(await contributions(comparison, options.quick)),
    ...costs(comparison),
  };
  for (const [name, value] of Object.entries(figure)) options.log(`${name} ${value.toFixed(4)}`);
  return { figure, peer: {} };
}

function counts({ rows }: RegionComparisonResult): Record<string, number> {
  const own = rows.filter(({ method }) => method === MM_FORMER);
  const count = (of: (row: ScoredRow) => unknown): number => new Set(own.map(of)).size;
  return {
    patients: count((row) => row.patient),
    seeds: count((row) => row.seed),
    subsets: count((row) => row.subset),
  };
}

const level = (scores: ReadonlyMap<string, number>): number => meanOfNumbers([...scores.values()]);

/** Over patients; a score is the mean of three regions and all seeds. The best single modality is chosen after the fact. */
function gains({ rows, regions }: RegionComparisonResult): Record<string, number> {
  const dice = (methods: readonly string[], subset?: string) =>
    diceByPatient(rows, { methods, ...(subset && { subset }) }, regions);
  const own = dice([MM_FORMER], FULL);
  const alone = MODALITIES.map((name) => dice([name]));
  const best = alone.reduce((a, b) => (level(b) > level(a) ? b : a));
  return {
    dice: level(own),
    meanSingleDice: level(dice(MODALITIES)),
    bestSingleDice: level(best),
    earlyDice: level(dice([EARLY], FULL)),
    earlyDropoutDice: level(dice([EARLY_DROPOUT], FULL)),
    ...withEnds('gainOverMeanSingle', pairedGain(own, dice(MODALITIES), 'relative')),
    ...withEnds('gainOverBestSingle', pairedGain(own, best, 'relative')),
    ...withEnds('overEarly', pairedGain(own, dice([EARLY], FULL), 'difference')),
    ...withEnds('overEarlyDropout', pairedGain(own, dice([EARLY_DROPOUT], FULL), 'difference')),
    ...withEnds('overEarlyDropoutAllSubsets', pairedGain(dice([MM_FORMER]), dice([EARLY_DROPOUT]), 'difference')),
  };
}

/** Each method by what it was given, `mmFormer.t1+t2`, and region by region, `mmFormer.t1+t2.whole`. */
function tables({ rows, regions }: RegionComparisonResult): Record<string, number> {
  const asked = new Map(rows.map(({ method, subset }) => [`${method}.${subset}`, { method, subset }]));
  const entries = [...asked].flatMap(([name, { method, subset }]) => {
    const of = (some: readonly string[]): number => level(diceByPatient(rows, { methods: [method], subset }, some));
    return [[name, of(regions)] as const, ...regions.map((region) => [`${name}.${region}`, of([region])] as const)];
  });
  return Object.fromEntries(entries);
}

/** Of each modality: its share of attention when all are there, and the Dice that is lost without it. */
async function contributions(comparison: RegionComparisonResult, quick: boolean): Promise<Record<string, number>> {
  const { rows, regions } = comparison;
  const dice = (subset: string): number => level(diceByPatient(rows, { methods: [MM_FORMER], subset }, regions));
  const runs = Array.from({ length: FOLDS }, (_, fold) => `${MM_FORMER}-s0-f${fold}`);
  const name = quick ? 'd2-attention-quick' : 'd2-attention';
  const shares = await attentionShares(comparison, { name, data: DATA, runs, channels: MODALITIES });
  const entries = MODALITIES.flatMap((modality) => {
    const without = MODALITIES.filter((other) => other !== modality).join('+');
    return [
      [`attention.${modality}`, shares[modality] as number],
      [`leaveOneOut.${modality}`, dice(FULL) - dice(without)],
    ] as const;
  });
  return Object.fromEntries(entries);
}

function costs({ rows }: RegionComparisonResult): Record<string, number> {
  const entries = [MM_FORMER, EARLY_DROPOUT].flatMap((name) => {
    const own = rows.filter(({ method }) => method === name);
    const mean = (column: string): number => meanOfNumbers(own.map(({ values }) => values[column] as number));
    return [
      [`${name}.parameters`, mean('parameters')],
      [`${name}.trainingCpuSeconds`, mean('cpuSeconds')],
    ] as const;
  });
  return Object.fromEntries(entries);
}
