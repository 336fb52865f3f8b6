import { join } from 'node:path';
import { meanOfNumbers } from '@vesalius/medical';
import { DISENTANGLED, ENTANGLED } from '../compare/disentangle-methods.ts';
import { TUMOUR } from '../compare/modality-cases.ts';
import { type ComparedRow, compareModalities } from '../compare/modality-figure.ts';
import { LEAKAGE_COLUMNS, leakageInspection } from '../compare/modality-leakage.ts';
import { diceByPatient, pairedGain, withEnds } from '../compare/modality-statistics.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { importClosure } from '../import-closure.ts';
import { openResults, type ResultRow } from '../results-store.ts';
import { dataFolder } from './data-folder.ts';

const FOLDS = 3;
const SEEDS = [0, 1, 2];
const STEPS = 500;
const QUICK_STEPS = 6;
const FULL = '1111';
const REGIONS = Object.keys(TUMOUR.regions);
/** What the methods and the leakage of a trained network are made by. */
const ENTRIES = ['bench/compare/disentangle-methods.ts', 'bench/compare/modality-leakage.ts'];

/** Disentanglement against the same network without it: what codes give away, and Dice with all modalities and without each. */
export async function measure({ quick, log }: FigureOptions): Promise<FigureResult> {
  const leaks = openResults({
    name: quick ? 'd5-leakage-quick' : 'd5-leakage',
    columns: LEAKAGE_COLUMNS,
    sources: importClosure(['bench/compare/modality-splits.ts', 'bench/compare/modality-runs.ts', ...ENTRIES]),
    data: [join(dataFolder(), TUMOUR.folder)],
  });
  const rows = await compareModalities({
    name: quick ? 'd5-quick' : 'd5',
    set: TUMOUR,
    methods: [DISENTANGLED, ENTANGLED],
    folds: FOLDS,
    seeds: quick ? [0] : SEEDS,
    steps: () => (quick ? QUICK_STEPS : STEPS),
    quick,
    entries: ENTRIES,
    inspection: leakageInspection(leaks, { set: TUMOUR, quick, log }),
    log,
  });
  const figure = { ...counts(rows), ...leakages(leaks.current()), ...dice(rows), ...missing(rows) };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value.toFixed(4)}`);
  return { figure, peer: {} };
}

function counts(rows: readonly ComparedRow[]): Record<string, number> {
  return {
    patients: new Set(rows.map(({ patient }) => patient)).size,
    seeds: new Set(rows.map(({ seed }) => seed)).size,
  };
}

/** Over patients; each the mean over seeds. Chance is 0.25. */
function leakages(rows: readonly ResultRow[]): Record<string, number> {
  const of = (method: string, kind: string, column: (typeof LEAKAGE_COLUMNS)[number]): Map<string, number> => {
    const chosen = rows
      .map((row) => ({ ...row, parts: row.case.split(' ') }))
      .filter(({ parts }) => parts[0] === method && parts[4] === kind);
    const patients = [...new Set(chosen.map(({ parts }) => parts[3] as string))].sort();
    const level = (patient: string): number =>
      meanOfNumbers(chosen.filter(({ parts }) => parts[3] === patient).map(({ values }) => values[column] as number));
    return new Map(patients.map((patient) => [patient, level(patient)]));
  };
  const level = (scores: ReadonlyMap<string, number>): number => meanOfNumbers([...scores.values()]);
  const content = of(DISENTANGLED.name, 'content', 'accuracy');
  const plain = of(ENTANGLED.name, 'content', 'accuracy');
  const chance = new Map([...content].map(([patient]) => [patient, 0]));
  return {
    ...withEnds('contentAccuracy', pairedGain(content, chance, 'difference')),
    ...withEnds(
      'appearanceAccuracy',
      pairedGain(of(DISENTANGLED.name, 'appearance', 'accuracy'), chance, 'difference'),
    ),
    ...withEnds('contentAccuracyWithout', pairedGain(plain, chance, 'difference')),
    contentLearnedAccuracy: level(of(DISENTANGLED.name, 'content', 'learnedAccuracy')),
    contentVariation: level(of(DISENTANGLED.name, 'content', 'variation')),
  };
}

function dice(rows: readonly ComparedRow[]): Record<string, number> {
  const [own, other] = [DISENTANGLED, ENTANGLED].map(({ name }) =>
    diceByPatient(rows, { methods: [name], subset: FULL }, REGIONS),
  ) as [Map<string, number>, Map<string, number>];
  return {
    dice: meanOfNumbers([...own.values()]),
    diceWithout: meanOfNumbers([...other.values()]),
    ...withEnds('diceGain', pairedGain(own, other, 'difference')),
  };
}

/** Without each modality in turn, as `missing.flair`; and the mean over all four. */
function missing(rows: readonly ComparedRow[]): Record<string, number> {
  const of = ({ name }: { readonly name: string }, subset: string) =>
    diceByPatient(rows, { methods: [name], subset }, REGIONS);
  const each = TUMOUR.modalities.flatMap((name, m) => {
    const subset = [...FULL].with(m, '0').join('');
    const [own, other] = [of(DISENTANGLED, subset), of(ENTANGLED, subset)];
    return [
      [`missing.${name}`, meanOfNumbers([...own.values()])],
      [`missingWithout.${name}`, meanOfNumbers([...other.values()])],
      ...Object.entries(withEnds(`missingGain.${name}`, pairedGain(own, other, 'difference'))),
    ] as const;
  });
  const some = rows.filter(({ subset }) => subset !== FULL);
  const [own, other] = [DISENTANGLED, ENTANGLED].map(({ name }) =>
    diceByPatient(some, { methods: [name] }, REGIONS),
  ) as [Map<string, number>, Map<string, number>];
  return { ...Object.fromEntries(each), ...withEnds('missingGain', pairedGain(own, other, 'difference')) };
}
