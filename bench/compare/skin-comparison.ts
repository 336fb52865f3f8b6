import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { ROOT } from '../../tools/root.ts';
import { openResults, type ResultRow } from '../results-store.ts';

/** What `vesalius compare` reads; of its fields those that are changed here. */
export interface SkinComparison {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly recipes: readonly { readonly name: string; readonly steps?: number }[];
}

/** One image of one trained model, and what its training took. */
export interface SkinRow {
  readonly recipe: string;
  readonly seed: number;
  readonly image: string;
  readonly values: Readonly<Record<string, number>>;
}

const FIGURES = ['dice', 'iou', 'hd95', 'surfaceDice'] as const;
const COSTS = ['parameters', 'flops', 'steps', 'cpuSeconds'] as const;
/** What decides a row. */
export const SKIN_SOURCES = [
  ...['engine', 'medical', 'methods', 'volume', 'bundle'].map((name) => `packages/${name}/src/**/*.ts`),
  ...['training', 'datasets', 'comparison', 'pictures'].map((name) => `packages/cli/src/${name}/**/*.ts`),
  'bench/compare/skin.json',
];

export const readSkinComparison = (): SkinComparison =>
  JSON.parse(readFileSync(join(ROOT, 'bench/compare/skin.json'), 'utf8'));

export interface CompareSkinOptions {
  /** Of the file in bench/results/. */
  readonly name: string;
  readonly comparison: SkinComparison;
  readonly data: string;
  /** Bundles, table and picture. */
  readonly out: string;
  readonly log: (line: string) => void;
}

/**
 * Rows of a comparison: those that this code and this data gave before, or that earlier code gave while one of its trainings, done again, still
 * gives the same; else what `vesalius compare` finds, which goes on where it was stopped.
 */
export async function compareSkin(options: CompareSkinOptions): Promise<SkinRow[]> {
  const { name, comparison, data } = options;
  const results = openResults({ name, columns: [...FIGURES, ...COSTS], sources: SKIN_SOURCES, data: [data] });
  const complete = (rows: readonly SkinRow[]): boolean =>
    comparison.recipes.every(({ name: recipe }) =>
      comparison.seeds.every((seed) => rows.some((row) => row.recipe === recipe && row.seed === seed)),
    );
  const current = results.current().map(skinRow);
  if (complete(current)) return current;
  const earlier = results.earlier().map(skinRow);
  if (complete(earlier) && (await holds(earlier, options))) return earlier;
  for (const [key, values] of await trained(comparison, options)) if (!results.has(key)) results.append(key, values);
  return results.current().map(skinRow);
}

export function skinRow({ case: key, values }: ResultRow): SkinRow {
  const [recipe = '', seed, image = ''] = key.split('|');
  return { recipe, seed: Number(seed), image, values };
}

/** The recipe that has most parts of its own. */
const EXAMPLE = 'TransUNet++';

/** One recipe with the first seed, trained again: one thread gives the same to the last digit. */
async function holds(earlier: readonly SkinRow[], options: CompareSkinOptions): Promise<boolean> {
  const { recipes, seeds } = options.comparison;
  const example = recipes.find(({ name }) => name === EXAMPLE) ?? recipes.at(-1);
  const one = { ...options.comparison, recipes: example ? [example] : [], seeds: seeds.slice(0, 1) };
  const known = new Map(earlier.map(({ recipe, seed, image, values }) => [[recipe, seed, image].join('|'), values]));
  const again = await trained(one, options);
  const same = again.every(([key, values]) =>
    FIGURES.every((figure) => Object.is(known.get(key)?.[figure], values[figure])),
  );
  options.log(`earlier rows ${same ? 'hold' : 'do not hold'} for this code`);
  return same;
}

/** Every image of every training, under `recipe|seed|image`. */
async function trained(
  comparison: SkinComparison,
  { data, out, log }: CompareSkinOptions,
): Promise<[string, Record<string, number>][]> {
  const file = join(out, 'comparison.json');
  mkdirSync(out, { recursive: true });
  writeFileSync(file, JSON.stringify(comparison, null, 2));
  const answer = await vesalius(['compare', file, '--data', data, '--out', out, '--json'], log);
  const { recipes } = JSON.parse(answer) as {
    recipes: ({ recipe: string } & Record<(typeof COSTS)[number], number>)[];
  };
  const [header = [], ...rows] = readFileSync(join(out, 'cases.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  return rows.map((cells) => {
    const cell = (name: string): string => cells[header.indexOf(name)] ?? '';
    const cost = recipes.find(({ recipe }) => recipe === cell('recipe'));
    const key = [cell('recipe'), cell('seed'), cell('case')].join('|');
    const figures = FIGURES.map((figure) => [figure, Number(cell(figure))] as const);
    const costs = COSTS.map((name) => [name, cost?.[name] ?? Number.NaN] as const);
    return [key, Object.fromEntries([...figures, ...costs])];
  });
}

/** The last line that the program printed. */
export function vesalius(line: readonly string[], log: (line: string) => void): Promise<string> {
  const program = join(ROOT, 'packages/cli/bin/vesalius.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...line], { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    child.stdout.on('data', (text) => {
      printed += text;
    });
    child.stderr.on('data', (text) => {
      for (const part of String(text).trimEnd().split('\n')) if (!part.startsWith('{"progress"')) log(part);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(printed.trim().split('\n').at(-1) ?? '');
      else reject(new VesaliusError('RUNTIME_FAILED', { what: `vesalius ${line[0]}`, got: `status ${status}` }));
    });
  });
}
