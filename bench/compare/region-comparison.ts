import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions } from '../figure-result.ts';
import { dataFolder } from '../figures/data-folder.ts';
import { hashSources, openResults, type ResultRow } from '../results-store.ts';
import { SKIN_SOURCES, vesalius } from './skin-comparison.ts';

/** What `vesalius compare` reads; of its fields those that are looked at here. */
interface RegionComparison {
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly split: { readonly folds: number };
  readonly regions: Readonly<Record<string, readonly number[]>>;
  readonly recipes: readonly { readonly name: string; readonly steps?: number }[];
}

/** One patient asked with some of the modalities. */
export interface ScoredRow {
  readonly method: string;
  readonly seed: number;
  readonly patient: string;
  /** Names of the modalities with + between. */
  readonly subset: string;
  /** Dice by region, and what the training took. */
  readonly values: Readonly<Record<string, number>>;
}

const COSTS = ['parameters', 'steps', 'cpuSeconds'] as const;
const QUICK_STEPS = 12;

export interface RegionComparisonOptions extends FigureOptions {
  /** Of the rows in bench/results/. */
  readonly name: string;
  /** In bench/compare/. */
  readonly file: string;
  /** Folder of the data. */
  readonly data: string;
}

export interface RegionComparisonResult {
  readonly rows: readonly ScoredRow[];
  /** Where bundles lie that were trained by this code. */
  readonly bundles: string;
  readonly regions: readonly string[];
}

/**
 * Rows of a comparison by `vesalius compare`: those that this code and this data gave before, or that earlier code gave while its first recipe, trained
 * again with the first seed, still gives the same; else what is found now, which goes on where it was stopped. Quick: one seed and few steps.
 */
export async function compareRegions(options: RegionComparisonOptions): Promise<RegionComparisonResult> {
  const { name, file, quick, log } = options;
  const path = join('bench/compare', file);
  const whole = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as RegionComparison;
  const comparison = quick ? shortened(whole) : whole;
  const regions = Object.keys(comparison.regions);
  const sources = [...SKIN_SOURCES.filter((source) => source.startsWith('packages/')), path];
  const data = [join(dataFolder(), options.data)];
  const rowsName = quick ? `${name}-quick` : name;
  const results = openResults({ name: rowsName, columns: [...regions, ...COSTS], sources, data });
  const out = join(ROOT, '.cache/compare', `${rowsName}-${hashSources(sources)}`);
  const asked = { ...options, out, regions };
  const complete = (rows: readonly ScoredRow[]): boolean =>
    comparison.recipes.every((recipe) =>
      comparison.seeds.every((seed) => rows.some((row) => row.method === recipe.name && row.seed === seed)),
    );
  const answer = (rows: readonly ResultRow[]): RegionComparisonResult => ({
    rows: rows.map(scoredRow),
    bundles: join(out, 'runs'),
    regions,
  });
  if (complete(results.current().map(scoredRow))) return answer(results.current());
  const earlier = results.earlier();
  if (complete(earlier.map(scoredRow)) && (await holds(earlier, comparison, asked))) return answer(earlier);
  for (const [key, values] of await trained(comparison, asked)) if (!results.has(key)) results.append(key, values);
  log(`${results.current().length} rows`);
  return answer(results.current());
}

function shortened(whole: RegionComparison): RegionComparison {
  const recipes = whole.recipes.map((recipe) => ({ ...recipe, steps: QUICK_STEPS }));
  return { ...whole, seeds: whole.seeds.slice(0, 1), steps: QUICK_STEPS, recipes };
}

function scoredRow({ case: key, values }: ResultRow): ScoredRow {
  const [method = '', seed, patient = '', subset = ''] = key.split('|');
  return { method, seed: Number(seed), patient, subset, values };
}

type Asked = RegionComparisonOptions & { readonly out: string; readonly regions: readonly string[] };

/** One thread gives the same to the last digit. */
async function holds(earlier: readonly ResultRow[], comparison: RegionComparison, asked: Asked): Promise<boolean> {
  const { recipes, seeds } = comparison;
  const known = new Map(earlier.map((row) => [row.case, row.values]));
  const again = await trained({ ...comparison, recipes: recipes.slice(0, 1), seeds: seeds.slice(0, 1) }, asked);
  const same = again.every(([key, values]) =>
    asked.regions.every((region) => Object.is(known.get(key)?.[region], values[region])),
  );
  asked.log(`earlier rows ${same ? 'hold' : 'do not hold'} for this code`);
  return same;
}

/** Every patient, subset and training, under `recipe|seed|patient|subset`. */
async function trained(
  comparison: RegionComparison,
  { out, data, regions, log }: Asked,
): Promise<[string, Record<string, number>][]> {
  const file = join(out, 'comparison.json');
  mkdirSync(out, { recursive: true });
  writeFileSync(file, JSON.stringify(comparison, null, 2));
  const folder = join(dataFolder(), data);
  const answer = await vesalius(['compare', file, '--data', folder, '--out', out, '--json'], log);
  const { recipes } = JSON.parse(answer) as {
    recipes: ({ recipe: string } & Record<(typeof COSTS)[number], number>)[];
  };
  const [header = [], ...lines] = readFileSync(join(out, 'regions.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return lines.map((cells) => {
    const cell = (name: string): string => cells[header.indexOf(name)] ?? '';
    const cost = recipes.find(({ recipe }) => recipe === cell('recipe'));
    const costs = COSTS.map((name) => [name, cost?.[name] ?? Number.NaN] as const);
    const dice = regions.map((region) => [region, Number(cell(region))] as const);
    return [['recipe', 'seed', 'case', 'given'].map(cell).join('|'), Object.fromEntries([...dice, ...costs])];
  });
}

/** A trained bundle of the comparison, if it is still there. */
export function bundleOf({ bundles }: RegionComparisonResult, run: string): string | undefined {
  const folder = join(bundles, `${run}.bundle`);
  return existsSync(join(folder, 'manifest.json')) ? folder : undefined;
}
