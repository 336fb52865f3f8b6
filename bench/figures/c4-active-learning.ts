import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random, writeOnnx } from '@vesalius/engine';
import {
  computeDice,
  createBatchSource,
  createSegmentationTrainer,
  createVolumePredictor,
  divisorOfPlan,
  fingerprintOf,
  hippocampus,
  imageModel,
  labelMapOf,
  meanOfNumbers,
  planTraining,
  prepareSample,
  setupOfPlan,
  sizeOfShape,
  summarizeCase,
  type TrainingPlan,
  type VolumePredictor,
} from '@vesalius/medical';
import { createVolume, readVolume, type Volume } from '@vesalius/volume';
import type { FigureOptions } from '../figure-result.ts';
import { openResults, type ResultRow, type Results } from '../results-store.ts';

const STRATEGIES = ['random', 'first', 'epistemic', 'tta'] as const;
const SIZES = [10, 20, 40];
const SEEDS = [0, 1, 2];
const STEPS = 300;
const QUICK = { sizes: [10, 20], seeds: [0], steps: 60, tested: 5, pool: 40 };
const TESTED = 20;
/** Cases set aside by the recipe: none of them is in the pool. */
const SET_ASIDE = 30;
/** Unlabelled cases that are scored each time, drawn anew. */
const SCORED = 60;
const THREADS = 1;

type Strategy = (typeof STRATEGIES)[number];

interface Study {
  readonly scan: Volume;
  readonly label: Volume;
}

interface Work {
  readonly data: string;
  readonly quick: boolean;
  readonly log: FigureOptions['log'];
}

interface Setting {
  readonly studies: ReadonlyMap<string, Study>;
  readonly pool: readonly string[];
  readonly tested: readonly string[];
  readonly plan: TrainingPlan;
  readonly sizes: readonly number[];
  readonly steps: number;
  readonly results: Results;
  readonly log: FigureOptions['log'];
}

/**
 * Dice on the cases of the clicks' figure of short trainings on 10, 20 and 40 labelled cases, as each strategy would have them labelled.
 * All but `first` start from the same cases of a seed; a model trained on those before chooses what comes next. Goes on where it was stopped.
 */
export async function measureActiveLearning({ data, quick, log }: Work): Promise<Record<string, number>> {
  const results = openResults({
    name: quick ? 'c4-quick-active-learning' : 'c4-active-learning',
    columns: ['dice'],
    sources: ['packages/engine/**/*.ts', 'packages/medical/**/*.ts', 'bench/figures/c4-active-learning.ts'],
    data: [data],
  });
  const sizes = quick ? QUICK.sizes : SIZES;
  const seeds = quick ? QUICK.seeds : SEEDS;
  const runs = seeds.flatMap((seed) => STRATEGIES.map((strategy) => ({ seed, strategy })));
  const missing = runs.filter((run) => !sizes.every((size) => results.has(rowOf(run, size))));
  if (missing.length === 0 || process.env['VESALIUS_CLICKS_ONLY']) return summary(results.current(), sizes, runs);
  const setting = { ...(await openSetting({ data, quick })), sizes, results, log };
  const earlier = results.recheck().filter(({ stale }) => !stale.includes('data'));
  const names = new Set(earlier.map((row) => row.case));
  if (missing.every((run) => sizes.every((size) => names.has(rowOf(run, size)))) && (await holds(earlier, setting)))
    return { ...summary(earlier, sizes, runs), activeLearningTrainedAgain: AGAIN.length };
  for (const run of missing) await label(run, setting);
  return summary(results.current(), sizes, runs);
}

/** Of runs of earlier code, trained again by the code there is: with the same seed one thread gives the same to the last digit. */
const AGAIN = [
  { run: { strategy: 'random', seed: 0 }, size: 10 },
  { run: { strategy: 'tta', seed: 2 }, size: 20 },
] as const;
const SAME = 1e-9;

async function holds(earlier: readonly ResultRow[], setting: Setting): Promise<boolean> {
  for (const { run, size } of AGAIN) {
    const name = rowOf(run, size);
    const before = earlier.findLast((row) => row.case === name)?.values['dice'] ?? Number.NaN;
    let now = Number.NaN;
    const sizes = setting.sizes.filter((each) => each <= size);
    const append: Results['append'] = (row, { dice = Number.NaN }) => {
      if (row === name) now = dice;
    };
    await label(run, { ...setting, sizes, results: { ...setting.results, has: () => false, append } });
    setting.log(`${name} was ${before} with earlier code and is ${now}`);
    if (!(Math.abs(now - before) < SAME)) return false;
  }
  return true;
}

interface Run {
  readonly seed: number;
  readonly strategy: Strategy;
}

const rowOf = ({ seed, strategy }: Run, size: number): string => `${strategy} ${size} seed ${seed}`;

function summary(rows: readonly ResultRow[], sizes: readonly number[], runs: readonly Run[]): Record<string, number> {
  const dice = new Map(rows.map((row) => [row.case, row.values['dice'] as number]));
  const means = sizes.flatMap((size) =>
    STRATEGIES.map((strategy) => {
      const found = runs.filter((run) => run.strategy === strategy).map((run) => dice.get(rowOf(run, size)));
      return [`${strategy}${size}`, meanOfNumbers(found.filter((value) => value !== undefined))] as const;
    }),
  );
  return { activeLearningRuns: dice.size, ...Object.fromEntries(means.filter(([, value]) => Number.isFinite(value))) };
}

async function openSetting({ data, quick }: Omit<Work, 'log'>): Promise<Omit<Setting, 'sizes' | 'results' | 'log'>> {
  const names = readdirSync(join(data, 'images')).sort();
  const pool = names.slice(0, quick ? QUICK.pool : -SET_ASIDE);
  const tested = names.slice(-TESTED).slice(0, quick ? QUICK.tested : TESTED);
  const studies = new Map<string, Study>();
  for (const name of [...pool, ...tested]) {
    const [scan, label] = await Promise.all(['images', 'labels'].map((kind) => read(join(data, kind, name))));
    if (scan && label) studies.set(name, { scan, label });
  }
  const labels = ['background', 'anterior', 'posterior'].map((name, value) => ({ name, value }));
  const options = { name: 'hippocampus', channels: [{ name: 'MR' }], labels };
  // The fingerprint of what is labelled first could be too poor to plan by: all cases are planned alike, by their scans.
  const summaries = pool.map((id) => summarizeCase({ id, channels: [(studies.get(id) as Study).scan] }));
  const plan = hippocampus.adapt(planTraining(fingerprintOf(summaries, options)));
  return { studies, pool, tested, plan, steps: quick ? QUICK.steps : STEPS };
}

const read = (file: string): Promise<Volume> => readVolume(readFileSync(file), file);

async function label(run: Run, setting: Setting): Promise<void> {
  const { pool, sizes, results, log } = setting;
  const random = new Random(run.seed).fork('labelled');
  const drawn = random.shuffle([...pool]);
  let labelled: readonly string[] = [];
  let predictor: VolumePredictor | undefined;
  for (const size of sizes) {
    const more = size - labelled.length;
    const left = (run.strategy === 'first' ? pool : drawn).filter((name) => !labelled.includes(name));
    labelled = [...labelled, ...(await choose(run.strategy, { left, more, predictor, setting }))];
    await predictor?.close();
    predictor = await trained(labelled, run.seed, setting);
    if (results.has(rowOf(run, size))) continue;
    const dice = await score(predictor, setting);
    results.append(rowOf(run, size), { dice });
    log(`${rowOf(run, size)}: Dice ${dice.toFixed(4)}`);
  }
  await predictor?.close();
}

interface Choosing {
  readonly left: readonly string[];
  readonly more: number;
  readonly predictor: VolumePredictor | undefined;
  readonly setting: Setting;
}

async function choose(strategy: Strategy, { left, more, predictor, setting }: Choosing): Promise<readonly string[]> {
  if (!predictor || strategy === 'random' || strategy === 'first') return left.slice(0, more);
  const scores: { name: string; score: number }[] = [];
  for (const name of left.slice(0, SCORED)) {
    const { scan } = setting.studies.get(name) as Study;
    scores.push({ name, score: await (strategy === 'epistemic' ? entropyOf : disagreementOf)(predictor, scan) });
  }
  return scores
    .toSorted((a, b) => b.score - a.score)
    .slice(0, more)
    .map(({ name }) => name);
}

/** Entropy of the classes' probabilities per voxel that was found to be of any. */
async function entropyOf(predictor: VolumePredictor, scan: Volume): Promise<number> {
  const { labels, uncertainty } = await predictor.predictInDetail([scan], { uncertainty: true });
  let entropy = 0;
  for (const value of uncertainty?.voxels ?? new Float32Array()) entropy += value;
  return entropy / Math.max(1, foreground(labels));
}

/** One less the Dice between what is found in a scan and in its mirror image. */
async function disagreementOf(predictor: VolumePredictor, scan: Volume): Promise<number> {
  const plain = await predictor.predict([scan]);
  const back = mirrored(await predictor.predict([mirrored(scan)]));
  return 1 - meanOfNumbers(diceOf(plain, back));
}

function mirrored<V extends Volume>({ voxels, size, voxelToLps }: V): V {
  const [nx] = size;
  const turned = voxels.slice() as Uint8Array<ArrayBuffer>;
  for (let row = 0; row < turned.length; row += nx) turned.subarray(row, row + nx).reverse();
  return createVolume({ voxels: turned, size, voxelToLps }) as unknown as V;
}

const foreground = ({ voxels }: Volume<Uint8Array>): number =>
  voxels.reduce((count, value) => count + (value > 0 ? 1 : 0), 0);

const diceOf = (a: Volume, b: Volume): readonly number[] =>
  computeDice(labelMapOf(a), labelMapOf(b), { numClasses: 3, includeBackground: false });

async function score(predictor: VolumePredictor, { tested, studies }: Setting): Promise<number> {
  const found: number[] = [];
  for (const name of tested) {
    const { scan, label: truth } = studies.get(name) as Study;
    found.push(meanOfNumbers(diceOf(await predictor.predict([scan]), truth)));
  }
  return meanOfNumbers(found);
}

async function trained(
  names: readonly string[],
  seed: number,
  { plan, studies, steps }: Setting,
): Promise<VolumePredictor> {
  const samples = names.map((name) => {
    const { scan, label: truth } = studies.get(name) as Study;
    return prepareSample({ channels: [scan], label: truth }, plan);
  });
  const setup = setupOfPlan(plan);
  const batches = createBatchSource(samples, setup, seed);
  const trainer = await createSegmentationTrainer(setup, batches, { seed, threads: THREADS });
  while (trainer.step < steps) await trainer.advance(steps);
  const weights = trainer.weights();
  await trainer.close();
  const model = imageModel({
    network: setup.network,
    normalization: plan.normalization.value,
    classValues: plan.classes.map(({ value }) => value),
    smallestSize: sizeOfShape(plan.patchShape.value),
    divisor: divisorOfPlan(plan),
    weights,
  });
  return createVolumePredictor({ plan, model: writeOnnx(model), weights, threads: THREADS });
}
