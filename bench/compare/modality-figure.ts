import { join } from 'node:path';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions } from '../figure-result.ts';
import { dataFolder } from '../figures/data-folder.ts';
import { importClosure } from '../import-closure.ts';
import { hashSources, openResults, type ResultRow, type Results } from '../results-store.ts';
import { type ModalityData, readModalityCases } from './modality-cases.ts';
import type { ModalityMethod } from './modality-methods.ts';
import { carryOut, type Inspection, type ModalityRun, RUN_COLUMNS, type RunContext, rowName } from './modality-runs.ts';
import { runsOf } from './modality-splits.ts';

/** What a row's numbers are made by; how they are put together afterwards makes no row stale. */
const ENTRIES = ['bench/compare/modality-splits.ts', 'bench/compare/modality-runs.ts'];

export interface ModalityComparison {
  /** Of the rows under bench/results. */
  readonly name: string;
  readonly set: ModalityData;
  readonly methods: readonly ModalityMethod[];
  readonly folds: number;
  readonly seeds: readonly number[];
  readonly steps: (method: ModalityMethod) => number;
  /** Only the first fold, and one case of it. */
  readonly quick: boolean;
  /** Modules that decide the numbers beside those that every comparison has: where methods of its own are. */
  readonly entries?: readonly string[];
  /** More to measure on every trained network. */
  readonly inspection?: Inspection;
  readonly log: FigureOptions['log'];
}

export interface ComparedRow extends ResultRow {
  readonly method: string;
  readonly seed: number;
  readonly patient: string;
  readonly subset: string;
}

/**
 * Every method on every fold and seed, patients apart; what has been measured is not measured again. Rows of earlier code count while a
 * run of theirs, trained again, gives the same to the last digit.
 */
export async function compareModalities(comparison: ModalityComparison): Promise<ComparedRow[]> {
  const { name, set, log, entries = [], inspection } = comparison;
  const sources = importClosure([...ENTRIES, ...entries]);
  const results = openResults({
    name,
    columns: [...Object.keys(set.regions), ...RUN_COLUMNS],
    sources,
    data: [join(dataFolder(), set.folder)],
  });
  const checkpoints = join(ROOT, '.cache/compare', name, hashSources(sources));
  const context: RunContext = { set, results, checkpoints, log, ...(inspection && { inspection }) };
  const runs = runsOf(comparison, await readModalityCases(dataFolder(), set));
  const wanted = new Set(runs.flatMap(rowsOf));
  const named = (rows: readonly ResultRow[]): ComparedRow[] =>
    rows.filter((row) => wanted.has(row.case)).map(withNames);
  if (named(results.current()).length === 0) {
    const latest = named(results.earlier());
    if (latest.length === wanted.size && (await holds(latest, runs, context))) return latest;
  }
  for (const run of runs) await carryOut(run, context);
  return named(results.current());
}

function rowsOf(run: ModalityRun): string[] {
  return run.tested.flatMap(({ id }) => run.method.subsets.map((subset) => rowName(run, id, subset)));
}

function withNames(row: ResultRow): ComparedRow {
  const [method = '', seed = '', , patient = '', subset = ''] = row.case.split(' ');
  return { ...row, method, seed: Number(seed.slice(1)), patient, subset };
}

const SAME = 1e-9;

/** The cheapest run of all, trained again: with the same seed one thread gives the same to the last digit. */
async function holds(rows: readonly ResultRow[], runs: readonly ModalityRun[], context: RunContext): Promise<boolean> {
  const known = new Map(rows.map((row) => [row.case, row.values]));
  const cost = (run: ModalityRun): number => known.get(rowsOf(run)[0] as string)?.['cpuSeconds'] ?? Number.NaN;
  const run = runs.toSorted((a, b) => cost(a) - cost(b))[0] as ModalityRun;
  let differs = false;
  const append: Results['append'] = (name, values) => {
    const before = known.get(name);
    const regions = Object.keys(context.set.regions);
    if (!regions.every((region) => Math.abs((before?.[region] ?? Number.NaN) - (values[region] ?? Number.NaN)) < SAME))
      differs = true;
  };
  await carryOut(run, { ...context, results: { ...context.results, has: () => false, append } });
  context.log(`earlier rows ${differs ? 'do not hold' : 'hold'} for this code`);
  return !differs;
}
