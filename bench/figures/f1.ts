import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FederationAnswer, FederationRequest } from '@vesalius/api';
import { sgd } from '@vesalius/engine';
import type { LayerValues } from '@vesalius/federated';
import {
  type ClassifierScorer,
  createClassifierScorer,
  createClassifierTrainer,
  type LabelledImages,
} from '@vesalius/medical';
import { classifierNetwork } from '../../packages/cli/src/federation/classifier-network.ts';
import { create, letIn, reached } from '../../tests/federation/hospitals.ts';
import { killServers } from '../../tests/server/started-server.ts';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions, Measure } from '../figure-result.ts';
import { openResults, type Results } from '../results-store.ts';
import { F1_SITES, type HospitalData, writeHospitals } from './f1-data.ts';
import { scoresWithIntervals } from './f1-scores.ts';
import { allReady, type Hospitals, modelAt, openHospitals } from './hospitals.ts';
import { noduleFolder } from './nodules.ts';

const IMAGE_SHAPE = [1, 50, 50];
const DELTA = 1e-4;
/** For what two accountants of the same steps may differ by. */
const BUDGET_SLACK = 1.02;
const SEEDS = [0, 1, 2];

/** Chosen on a fifth of the training patches of another split. */
const PLAIN = { rounds: 40, localSteps: 40, learningRate: 0.1, batch: 32 };
const PRIVATE = { rounds: 18, localSteps: 40, learningRate: 0.5, batch: 32 };
const CENTRAL_STEPS = 2000;

type Request = Partial<FederationRequest>;
const privately = (epsilon: number): Request => ({
  ...{ ...PRIVATE, up: '8-bit', down: '8-bit' },
  privacy: { epsilon, delta: DELTA, clipNorm: 1 },
});

/** What is trained between servers. */
const FEDERATED: Readonly<Record<string, Request>> = {
  fedAvg: PLAIN,
  fedBn: { ...PLAIN, strategy: 'fedbn' },
  compressed: { ...PLAIN, up: 'largest:0.03', down: 'largest:0.03' },
  epsilon2: privately(2),
  epsilon4: privately(4),
  epsilon8: privately(8),
};
const HERE = ['central', 'alone'];
const COLUMNS = ['auc', 'aucLow', 'aucHigh', 'averagePrecision', 'averagePrecisionLow', 'averagePrecisionHigh'];
const COSTS = ['bytes', 'epsilon', 'rounds', 'seconds'];

interface Seeded extends FigureOptions {
  readonly seed: number;
  readonly results: Results;
  readonly folder: string;
  readonly data: readonly HospitalData[];
}

/**
 * Coordinator and five sites as six processes with certificates of their own, against training on all data at one place and each site alone. A model
 * is judged at every hospital by the validation patches on that hospital's grey scale; the figure is the mean over hospitals.
 */
export const measure: Measure = async (options) => {
  const results = openResults({
    name: options.quick ? join(ROOT, '.cache/f1-quick.csv') : 'f1',
    columns: [...COLUMNS, ...COSTS],
    sources: [
      ...['f1', 'f1-data', 'f1-scores', 'nodules'].map((name) => `bench/figures/${name}.ts`),
      ...['work', 'classifier-network', 'read-images'].map((name) => `packages/cli/src/federation/${name}.ts`),
      ...['compression', 'strategies', 'privacy'].map((name) => `packages/federated/src/${name}/*.ts`),
      'packages/medical/src/classification/*.ts',
    ],
    data: [noduleFolder()],
  });
  const seeds = options.quick ? [0] : SEEDS;
  for (const seed of seeds) await measureSeed(seed, options, results);
  return { figure: figureOf(results, seeds), peer: {} };
};

async function measureSeed(seed: number, options: FigureOptions, results: Results): Promise<void> {
  const isLeft = (way: string) => !results.has(rowOf(way, seed));
  const here = HERE.filter(isLeft);
  const federated = Object.keys(FEDERATED).filter(isLeft);
  if (here.length + federated.length === 0) return;
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-f1-'));
  const scorer = await createClassifierScorer(
    { network: classifierNetwork(IMAGE_SHAPE), imageShape: IMAGE_SHAPE, batchSize: 64 },
    { threads: 1 },
  );
  try {
    const seeded = { ...options, seed, results, folder, data: await writeHospitals(join(folder, 'images'), seed) };
    for (const way of here) await trainHere(way, scorer, seeded);
    if (federated.length > 0) await federateAll(federated, scorer, seeded);
  } finally {
    await scorer.close();
    killServers();
    rmSync(folder, { recursive: true, force: true });
  }
}

const rowOf = (way: string, seed: number): string => `${way} seed ${seed}`;

/** Without a federation: one model of all patches, or one of each hospital's own. */
async function trainHere(way: string, scorer: ClassifierScorer, { seed, data, quick, ...rest }: Seeded): Promise<void> {
  const begun = performance.now();
  const trainer = await createClassifierTrainer(
    {
      ...{ network: classifierNetwork(IMAGE_SHAPE), imageShape: IMAGE_SHAPE, batchSize: PLAIN.batch },
      ...{ optimizer: sgd(), flipAxes: [0, 1] },
    },
    { seed, threads: 1 },
  );
  const steps = way === 'central' ? CENTRAL_STEPS : PLAIN.rounds * PLAIN.localSteps;
  const first = trainer.weights();
  const models: LayerValues[] = [];
  for (const images of way === 'central' ? [together(data)] : data.map(({ training }) => training)) {
    trainer.start(first);
    await trainer.train(images, { steps: quick ? 20 : steps, seed: `${seed}`, learningRate: PLAIN.learningRate });
    models.push(trainer.weights());
  }
  await trainer.close();
  const scores = await scoresWithIntervals(scorer, data, (n) => models[n] ?? models[0] ?? new Map());
  const row = { ...scores, bytes: 0, epsilon: 0, rounds: 0, seconds: (performance.now() - begun) / 1000 };
  rest.results.append(rowOf(way, seed), row);
  rest.log(`${rowOf(way, seed)}: ${JSON.stringify(row)}`);
}

function together(data: readonly HospitalData[]): LabelledImages {
  const all = data.map(({ training }) => training);
  const images = new Float32Array(all.reduce((sum, each) => sum + each.images.length, 0));
  let at = 0;
  for (const each of all) {
    images.set(each.images, at);
    at += each.images.length;
  }
  return { images, labels: Uint8Array.from(all.flatMap(({ labels }) => [...labels])) };
}

async function federateAll(ways: readonly string[], scorer: ClassifierScorer, seeded: Seeded): Promise<void> {
  const { folder, seed, data, results, log } = seeded;
  const hospitals = await openHospitals(folder, Object.fromEntries(F1_SITES.map((name) => [name, {}])));
  for (const way of ways) {
    const begun = performance.now();
    const ended = await federate(hospitals, way, seeded);
    const seconds = (performance.now() - begun) / 1000;
    const models = await Promise.all([...hospitals.sites.values()].map((house) => modelAt(house, ended)));
    const scores = await scoresWithIntervals(scorer, data, (n) => models[n] ?? new Map());
    const bytes = ended.rounds.reduce((sum, { bytesUp, bytesDown }) => sum + bytesUp + bytesDown, 0);
    const epsilon = Math.max(...ended.sites.map((site) => site.epsilon));
    const row = { ...scores, bytes, epsilon, rounds: ended.round, seconds };
    results.append(rowOf(way, seed), row);
    log(`${rowOf(way, seed)}: ${JSON.stringify(row)}`);
  }
}

async function federate({ coordinator, sites }: Hospitals, way: string, seeded: Seeded): Promise<FederationAnswer> {
  const { seed, data, quick } = seeded;
  const request = { ...FEDERATED[way], ...(quick && { rounds: 2, localSteps: 2 }) };
  const evaluateEvery = request.rounds ?? 1;
  const federation = await create(coordinator, {
    ...{ ...request, evaluateEvery, seed, imageShape: IMAGE_SHAPE },
    ...{ minimumSites: F1_SITES.length, deadlineSeconds: 1800 },
  });
  const { privacy } = request;
  for (const { name, file, validationFile } of data) {
    const house = sites.get(name);
    const budget = privacy && { budget: privacy.epsilon * BUDGET_SLACK, delta: DELTA, project: way.toLowerCase() };
    const given = { federation: federation.id, name, data: file, validation: validationFile, cohort: 1, ...budget };
    if (house) await letIn(coordinator, house, given);
  }
  await allReady(coordinator, federation.id);
  await coordinator.client.call('startFederation', { params: { federation: federation.id } });
  return reached(coordinator, federation.id, ({ state }) => state === 'finished', 7200);
}

function figureOf(results: Results, seeds: readonly number[]): Record<string, number> {
  const rows = new Map(results.current().map((row) => [row.case, row.values]));
  const all = (way: string, column: string) => seeds.map((seed) => rows.get(rowOf(way, seed))?.[column] ?? Number.NaN);
  const mean = (way: string, column: string) => all(way, column).reduce((sum, one) => sum + one, 0) / seeds.length;
  const figure: Record<string, number> = { sites: F1_SITES.length, seeds: seeds.length };
  for (const way of [...HERE, ...Object.keys(FEDERATED)]) {
    figure[`${way}Auc`] = mean(way, 'auc');
    figure[`${way}AveragePrecision`] = mean(way, 'averagePrecision');
    // From the lowest to the highest end of the seeds' own intervals.
    for (const score of ['auc', 'averagePrecision']) {
      figure[`${way}.${score}Low`] = Math.min(...all(way, `${score}Low`));
      figure[`${way}.${score}High`] = Math.max(...all(way, `${score}High`));
    }
    figure[`${way}.bytes`] = mean(way, 'bytes');
    figure[`${way}.epsilon`] = Math.max(...all(way, 'epsilon'));
    figure[`${way}.seconds`] = mean(way, 'seconds');
  }
  const of = (way: string) => figure[`${way}Auc`] ?? Number.NaN;
  return { ...figure, fedAvgOverAlone: of('fedAvg') - of('alone'), compressedLoss: of('fedAvg') - of('compressed') };
}
