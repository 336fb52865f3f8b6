import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { ROOT } from '../../tools/root.ts';
import { openResults, type Results } from '../results-store.ts';

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

/** Rows of a comparison: those that this code and this data gave before, else what `vesalius compare` finds, which goes on where it was stopped. */
export async function compareSkin(options: CompareSkinOptions): Promise<SkinRow[]> {
  const { name, comparison, data, out, log } = options;
  const results = openResults({ name, columns: [...FIGURES, ...COSTS], sources: SKIN_SOURCES, data: [data] });
  const named = ({ case: key }: { readonly case: string }): string[] => key.split('|');
  const complete = (): boolean =>
    comparison.recipes.every(({ name: recipe }) =>
      comparison.seeds.every((seed) =>
        results.current().some((row) => named(row)[0] === recipe && named(row)[1] === String(seed)),
      ),
    );
  if (!complete()) {
    const file = join(out, 'comparison.json');
    mkdirSync(out, { recursive: true });
    writeFileSync(file, JSON.stringify(comparison, null, 2));
    keep(results, out, await vesalius(['compare', file, '--data', data, '--out', out, '--json'], log));
  }
  return results.current().map((row) => {
    const [recipe = '', seed, image = ''] = named(row);
    return { recipe, seed: Number(seed), image, values: row.values };
  });
}

function keep(results: Results, out: string, answer: string): void {
  const { recipes } = JSON.parse(answer) as {
    recipes: ({ recipe: string } & Record<(typeof COSTS)[number], number>)[];
  };
  const [header = [], ...rows] = readFileSync(join(out, 'cases.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  for (const cells of rows) {
    const cell = (name: string): string => cells[header.indexOf(name)] ?? '';
    const cost = recipes.find(({ recipe }) => recipe === cell('recipe'));
    const key = [cell('recipe'), cell('seed'), cell('case')].join('|');
    if (results.has(key)) continue;
    const figures = FIGURES.map((figure) => [figure, Number(cell(figure))] as const);
    const costs = COSTS.map((name) => [name, cost?.[name] ?? Number.NaN] as const);
    results.append(key, Object.fromEntries([...figures, ...costs]));
  }
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
