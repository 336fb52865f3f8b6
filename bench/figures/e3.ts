import { adamW, isMatrix, Random } from '@vesalius/engine';
import {
  computeCalibrationError,
  computeRocAuc,
  createClassifierScorer,
  createClassifierTrainer,
  delongInterval,
  meanOfNumbers,
} from '@vesalius/medical';
import { filmClassifier, kNearest, linearProbe, plainViews } from '@vesalius/methods';
import { filmVectors } from '../../packages/cli/src/pretraining/ask-encoder.ts';
import {
  adultFilmsFile,
  type ChestFilms,
  chestFilms,
  chestFilmsFolder,
  filmsOf,
  SIZE,
  takeFilms,
} from '../contrastive/chest-films.ts';
import { dinoFeatures } from '../contrastive/dino-features.ts';
import { sourceOf, TEACHING_SOURCES, type Teaching, taughtEncoder } from '../contrastive/taught-encoders.ts';
import type { Measure } from '../figure-result.ts';
import { openResults, type Results } from '../results-store.ts';

const SEEDS = [0, 1, 2];
const TEACHINGS: readonly Teaching[] = ['random', 'simclr', 'moco', 'byol', 'dino', 'anatomy'];
const PERCENTS = [1, 5, 10, 100];
/** Of fine-tuning: steps by how much is labelled. */
const STEPS: Readonly<Record<number, number>> = { 1: 80, 5: 120, 10: 160, 100: 480 };
const RATES = [3e-4, 2e-3];
const BATCH = 16;
const COLUMNS = ['auc', 'low', 'high', 'validationAuc', 'calibrationError', 'cpuSeconds'];

interface Scores {
  readonly validation: ArrayLike<number>;
  readonly test: ArrayLike<number>;
}

/** Who is asked, what is labelled. */
interface Run {
  readonly films: ChestFilms;
  readonly known: readonly number[];
  readonly seed: number;
  readonly percent: number;
}

/**
 * Pneumonia in children's chest films from few labels: every encoder by a linear probe, nearest neighbours and fine-tuning; patients are
 * apart. Rows are kept as they are measured, encoders every 50 steps.
 */
export const measure: Measure = async ({ quick, log }) => {
  const films = await chestFilms();
  const results = openResults({
    name: quick ? '.cache/e3-quick.csv' : 'e3',
    columns: COLUMNS,
    sources: [
      'bench/figures/e3.ts',
      'packages/cli/src/pretraining/ask-encoder.ts',
      'packages/medical/src/classification/classifier-trainer.ts',
      'bench/contrastive/dino-features.ts',
      'packages/methods/src/contrastive/probes.ts',
      ...TEACHING_SOURCES,
    ],
    data: [chestFilmsFolder(), adultFilmsFile()],
  });
  assertApart(films);
  const seeds = quick ? SEEDS.slice(0, 1) : SEEDS;
  const percents = quick ? [10] : PERCENTS;
  const keep = keeper(films, results, log);
  const dino = quick ? undefined : (await dinoFeatures(films.names, log)).map(({ vector }) => vector);
  for (const seed of seeds) {
    for (const teaching of quick ? TEACHINGS.slice(0, 2) : TEACHINGS) {
      const weights = await taughtEncoder({ films, teaching, seed, quick, log });
      const all = films.names.map((_, i) => i);
      const vectors = await filmVectors(sourceOf(films), { weights, size: SIZE, films: all });
      for (const percent of percents) {
        const run = { films, known: labelled(films, percent, seed), seed, percent };
        await probes(teaching, vectors, run, keep);
        for (const rate of quick ? RATES.slice(0, 1) : RATES)
          await keep(`${teaching}.fine-tune ${rate}.${percent}.${seed}`, () =>
            fineTune(weights, rate, quick ? 3 : (STEPS[percent] ?? 100), run),
          );
      }
    }
    for (const percent of percents)
      if (dino) await probes('dinov2', dino, { films, known: labelled(films, percent, seed), seed, percent }, keep);
  }
  const figure = { seeds: seeds.length, films: films.names.length, ...figuresOf(results, { quick, percents, seeds }) };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value}`);
  return { figure, peer: {} };
};

type Keep = (name: string, score: () => Promise<Scores>) => Promise<void>;

function keeper(films: ChestFilms, results: Results, log: (line: string) => void): Keep {
  const truth = (part: 'validation' | 'test'): number[] =>
    filmsOf(films, part).map((film) => films.labels[film] as number);
  return async (name, score) => {
    if (results.has(name)) return;
    const before = process.cpuUsage();
    const { validation, test } = await score();
    const { user, system } = process.cpuUsage(before);
    const { low, high } = delongInterval(test, truth('test'));
    const auc = computeRocAuc(test, truth('test'));
    results.append(name, {
      auc,
      low,
      high,
      validationAuc: computeRocAuc(validation, truth('validation')),
      calibrationError: computeCalibrationError(test, truth('test')),
      cpuSeconds: (user + system) / 1e6,
    });
    log(`${name}: AUC ${auc.toFixed(4)}`);
  };
}

/** No patient is in two parts. */
function assertApart(films: ChestFilms): void {
  const parts = new Map(films.patients.map((patient, i) => [patient, films.parts[i]]));
  if (films.patients.some((patient, i) => parts.get(patient) !== films.parts[i]))
    throw new RangeError('a patient is in two parts');
}

/** Films of patients drawn at random, both kinds in turn, until the share is full; at least four films. */
function labelled(films: ChestFilms, percent: number, seed: number): number[] {
  const training = filmsOf(films, 'training');
  if (percent === 100) return training;
  const random = new Random('labels').fork(seed);
  const drawn = [0, 1].map((label) =>
    shuffled(
      training.filter((film) => films.labels[film] === label),
      random,
    ),
  );
  const patients = drawn.map((own) => [...new Set(own.map((film) => films.patients[film] as string))]);
  const wanted = Math.max(4, Math.round((percent / 100) * training.length));
  const known: number[] = [];
  for (let turn = 0; known.length < wanted; turn++)
    for (const [label, own] of drawn.entries())
      known.push(...own.filter((film) => films.patients[film] === patients[label]?.[turn]));
  return known;
}

function shuffled(films: readonly number[], random: Random): number[] {
  const order = films.map((film) => [random.uniform(), film] as const);
  return order.sort(([a], [b]) => a - b).map(([, film]) => film);
}

async function probes(
  name: string,
  vectors: readonly Float32Array[],
  { films, known, seed, percent }: Run,
  keep: Keep,
): Promise<void> {
  const rows = (chosen: readonly number[]): Float32Array[] => chosen.map((film) => vectors[film] as Float32Array);
  const taught = { rows: rows(known), labels: Uint8Array.from(known, (film) => films.labels[film] as number) };
  const [validation, test] = [rows(filmsOf(films, 'validation')), rows(filmsOf(films, 'test'))];
  for (const [how, probe] of Object.entries({ linear: linearProbe, knn: kNearest }))
    await keep(`${name}.${how}.${percent}.${seed}`, () =>
      Promise.resolve({ validation: probe(taught, validation), test: probe(taught, test) }),
    );
}

async function fineTune(
  weights: ReadonlyMap<string, Float32Array>,
  rate: number,
  steps: number,
  { films, known, seed }: Run,
): Promise<Scores> {
  const network: Parameters<typeof createClassifierScorer>[0]['network'] = (scope, x) =>
    filmClassifier(scope, x, { numClasses: 2 });
  const setup = { network, imageShape: [1, SIZE, SIZE] };
  const trainer = await createClassifierTrainer(
    { ...setup, batchSize: BATCH, optimizer: adamW({ weightDecay: 1e-2 }), decays: isMatrix, clipNorm: 1 },
    { seed, threads: 1 },
  );
  trainer.start(new Map([...trainer.weights()].map(([name, own]) => [name, weights.get(name) ?? own])));
  const images = plainViews(takeFilms(films, known), SIZE);
  const labels = Uint8Array.from(known, (film) => films.labels[film] as number);
  const learningRate = (step: number): number =>
    rate * Math.min(1, step / 10) * 0.5 * (1 + Math.cos((Math.PI * step) / (steps + 1)));
  await trainer.train({ images, labels }, { steps, seed, learningRate });
  const scorer = await createClassifierScorer({ ...setup, batchSize: 32 }, { threads: 1 });
  const scores = async (part: 'validation' | 'test'): Promise<Float32Array> => {
    const both = await scorer.score(trainer.weights(), {
      images: plainViews(takeFilms(films, filmsOf(films, part)), SIZE),
    });
    return both.filter((_, i) => i % 2 === 1);
  };
  const answer = { validation: await scores('validation'), test: await scores('test') };
  await Promise.all([trainer.close(), scorer.close()]);
  return answer;
}

interface Asked {
  readonly quick: boolean;
  readonly percents: readonly number[];
  readonly seeds: readonly number[];
}

/** Each encoder by the way that does best on the validation patients: fine-tuning at its better rate, the linear probe or neighbours. */
function figuresOf(results: Results, { quick, percents, seeds }: Asked): Record<string, number> {
  const rows = new Map(results.current().map(({ case: name, values }) => [name, values]));
  const ways = ['linear', 'knn', ...RATES.map((rate) => `fine-tune ${rate}`)];
  const level = (name: string, way: string, percent: number, column: string): number =>
    meanOfNumbers(seeds.flatMap((seed) => rows.get(`${name}.${way}.${percent}.${seed}`)?.[column] ?? []));
  const best = (name: string, percent: number, column: string): number => {
    const measured = ways.filter((way) => !Number.isNaN(level(name, way, percent, 'validationAuc')));
    const chosen = measured.reduce(
      (a, b) => (level(name, b, percent, 'validationAuc') > level(name, a, percent, 'validationAuc') ? b : a),
      measured[0] ?? '',
    );
    return level(name, chosen, percent, column);
  };
  const names = quick ? TEACHINGS.slice(0, 2) : [...TEACHINGS, 'dinov2'];
  const entries = names.flatMap((name) =>
    percents.flatMap((percent) => [
      [`${name}.${percent}`, best(name, percent, 'auc')],
      [`${name}.${percent}.calibrationError`, best(name, percent, 'calibrationError')],
      ...['linear', 'knn'].map((way) => [`${name}.${way}.${percent}`, level(name, way, percent, 'auc')] as const),
    ]),
  ) as [string, number][];
  if (quick) return Object.fromEntries(entries);
  const supervised = Math.max(...RATES.map((rate) => level('random', `fine-tune ${rate}`, 100, 'auc')));
  const controls = names.filter((name) => name !== 'anatomy').map((name) => best(name, 1, 'auc'));
  return {
    ...Object.fromEntries(entries),
    supervised,
    anatomyBelowSupervised: supervised - best('anatomy', 10, 'auc'),
    anatomyOverControls1: best('anatomy', 1, 'auc') - Math.max(...controls),
  };
}
