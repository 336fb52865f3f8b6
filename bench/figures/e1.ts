import { join } from 'node:path';
import { readFileBytes } from '@vesalius/bundle/files';
import { readWeights } from '@vesalius/engine';
import { meanOfNumbers, recognizeNetwork } from '@vesalius/medical';
import { nodulePatches, nodulePatchesFolder } from '../compare/nodule-patches.ts';
import { ONE_SEED, RECIPES, type TransferRecipe } from '../compare/transfer-recipes.ts';
import { carryOut, rowName, SIDE, TRANSFER_COLUMNS, type TransferData } from '../compare/transfer-runs.ts';
import type { Measure } from '../figure-result.ts';
import { dinov2Onnx, transformerOf } from '../pretrained/published-weights.ts';
import { openResults, type Results } from '../results-store.ts';
import { dataFolder } from './data-folder.ts';

const SEEDS = [0, 1, 2];
/** AUC that a faster way may lose. */
const MARGIN = 0.005;
const QUICK = { images: 128, steps: 4 };

const SOURCES = [
  'bench/compare/nodule-patches.ts',
  'bench/compare/transfer-*.ts',
  'packages/medical/src/classification/{classifier-trainer,draw-batch,image-runner}.ts',
  'packages/medical/src/images/resize-plane.ts',
  'packages/medical/src/losses/cross-entropy.ts',
  'packages/medical/src/networks/{vision-transformer,transformer-block,group-norm-res-net,mobile-net-v2}.ts',
  'packages/medical/src/weights/fit-transformer.ts',
  'packages/methods/src/vit-transfer/{layer-wise-rates,transfer-classifier,transfer-network}.ts',
].flatMap(alternatives);

/** git knows no braces. */
function alternatives(glob: string): string[] {
  const [, before = '', names = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(glob) ?? [];
  return names === '' ? [glob] : names.split(',').map((name) => `${before}${name}${after}`);
}

/**
 * CT patches classified by a pre-trained vision transformer, in the CPU seconds and operations that each way of transfer takes. Rows are
 * kept; what was measured under the same code is not measured again.
 */
export const measure: Measure = async ({ quick, log }) => {
  const results = openResults({
    name: quick ? '.cache/e1-quick.csv' : 'e1',
    columns: TRANSFER_COLUMNS,
    sources: SOURCES,
    data: [nodulePatchesFolder()],
  });
  const data = await readData(quick);
  const chosen: Chosen[] = [];
  for (const recipe of RECIPES) {
    const steps = quick ? QUICK.steps : recipe.steps;
    const seeds = quick || ONE_SEED.includes(recipe.name) ? SEEDS.slice(0, 1) : SEEDS;
    for (const rate of quick ? recipe.rates.slice(0, 1) : recipe.rates) {
      log(`${recipe.name} at ${rate}`);
      await carryOut({ recipe, rate, seed: 0, steps }, data, results);
    }
    const rate = bestRate(recipe, steps, results);
    for (const seed of seeds) {
      await carryOut({ recipe, rate, seed, steps }, data, results);
      log(`${recipe.name} at ${rate}, seed ${seed}: AUC ${best(curveOf({ recipe, rate, seed, steps }, results)).auc}`);
    }
    chosen.push({ recipe, rate, curves: seeds.map((seed) => curveOf({ recipe, rate, seed, steps }, results)) });
  }
  const figure = { seeds: quick ? 1 : SEEDS.length, ...figures(chosen) };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value}`);
  return { figure, peer: {} };
};

async function readData(quick: boolean): Promise<TransferData> {
  const count = quick ? QUICK.images : undefined;
  const file = join(dataFolder(), 'weights/mobilenet_v2_imagenet_fp32.npz');
  return {
    training: await nodulePatches('train', SIDE, count),
    validation: await nodulePatches('val', SIDE, count),
    dinov2: transformerOf(await dinov2Onnx()),
    mobileNet: recognizeNetwork(await readWeights(await readFileBytes(file), file)).weights,
  };
}

type Reading = Record<(typeof TRANSFER_COLUMNS)[number], number>;

interface Chosen {
  readonly recipe: TransferRecipe;
  readonly rate: number;
  /** Of each seed. */
  readonly curves: readonly (readonly Reading[])[];
}

interface Run {
  readonly recipe: TransferRecipe;
  readonly rate: number;
  readonly seed: number;
  readonly steps: number;
}

function curveOf(run: Run, results: Results): Reading[] {
  const rows = new Map(results.current().map((row) => [row.case, row.values as Reading]));
  const curve: Reading[] = [];
  for (let taken = 0; taken < run.steps; ) {
    taken += Math.min(run.recipe.every, run.steps - taken);
    const row = rows.get(rowName(run, taken));
    if (row) curve.push(row);
  }
  return curve;
}

const best = (curve: readonly Reading[]): Reading => curve.reduce((a, b) => (b.auc > a.auc ? b : a));

function bestRate(recipe: TransferRecipe, steps: number, results: Results): number {
  const scored = recipe.rates.map((rate) => ({ rate, curve: curveOf({ recipe, rate, seed: 0, steps }, results) }));
  const measured = scored.filter(({ curve }) => curve.length > 0);
  return measured.reduce((a, b) => (best(b.curve).auc > best(a.curve).auc ? b : a)).rate;
}

/** Every way is stopped where its AUC was best: full fine-tuning's best is what the others have to come near. */
function figures(chosen: readonly Chosen[]): Record<string, number> {
  const full = chosen.find(({ recipe }) => recipe.name === 'full') as Chosen;
  const target = meanOfNumbers(full.curves.map((curve) => best(curve).auc)) - MARGIN;
  const fullTime = arrival(full, target);
  const entries = chosen.flatMap((one) => {
    const { name } = one.recipe;
    const last = one.curves.map((curve) => curve.at(-1) as Reading);
    const top = one.curves.map(best);
    const own = arrival(one, target);
    const mean = (rows: readonly Reading[], column: keyof Reading): number =>
      meanOfNumbers(rows.map((row) => row[column]));
    return Object.entries({
      auc: mean(top, 'auc'),
      aucLow: mean(top, 'low'),
      aucHigh: mean(top, 'high'),
      averagePrecision: mean(top, 'averagePrecision'),
      lastAuc: mean(last, 'auc'),
      learningRate: one.rate,
      cpuSeconds: mean(last, 'cpuSeconds'),
      gflop: mean(last, 'gflop'),
      reached: own.reached,
      timeToTarget: own.cpuSeconds,
      timeShare: own.cpuSeconds / fullTime.cpuSeconds,
      flopShare: own.gflop / fullTime.gflop,
      wholeTimeShare:
        own.cpuSeconds /
        mean(
          full.curves.map((curve) => curve.at(-1) as Reading),
          'cpuSeconds',
        ),
    }).map(([key, value]) => [`${name}.${key}`, value] as const);
  });
  return { target, ...Object.fromEntries(entries) };
}

/** A run that never came there counts with ten times what it spent: `reached` says of how many seeds the share is one. */
const NEVER = 10;

/** Means over seeds of what it took to come to an AUC, and in how many seeds it was reached. */
function arrival({ curves }: Chosen, target: number): { cpuSeconds: number; gflop: number; reached: number } {
  const arrivals = curves.map((curve) => curve.find(({ auc }) => auc >= target));
  const cost = (column: 'cpuSeconds' | 'gflop'): number =>
    meanOfNumbers(curves.map((curve, i) => arrivals[i]?.[column] ?? NEVER * (curve.at(-1) as Reading)[column]));
  return {
    cpuSeconds: cost('cpuSeconds'),
    gflop: cost('gflop'),
    reached: arrivals.filter((row) => row !== undefined).length,
  };
}
