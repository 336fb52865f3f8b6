import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readWeights, sgd } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { type FederationOptions, type LocalSite, type RoundRecord, simulateFederation } from '@vesalius/federated';
import {
  type ClassifierScorer,
  type ClassifierTrainer,
  computeRocAuc,
  countOf,
  createClassifierScorer,
  createClassifierTrainer,
  groupNormResNet,
  type LabelledImages,
  shareOut,
} from '@vesalius/medical';
import { dataFolder } from './data-folder.ts';

export const NODULE_SIDE = 50;
const SITES = 5;
const BATCH = 32;
const ALPHA = 0.5;
const SHIFT = 0.2;

/** Where the patches lie. */
export const noduleFolder = (): string => join(dataFolder(), 'lung_nodule_patches50');

/** Five hospitals that are unlike (Dirichlet 0.5, their own brightness and contrast), and validation patches. */
export interface Nodules {
  readonly sites: readonly LabelledImages[];
  readonly validation: LabelledImages;
}

export async function readNodules(seed: number): Promise<Nodules> {
  const [training, validation] = [await readRawNodules('train'), await readRawNodules('val')];
  const { mean, deviation } = momentsOf(training.images);
  for (const { images } of [training, validation])
    for (const [i, value] of images.entries()) images[i] = (value - mean) / deviation;
  return { sites: shareOut(training, { sites: SITES, alpha: ALPHA, shift: SHIFT, seed }), validation };
}

/** Grey levels, 0 to 255, as they stand in the file. */
export async function readRawNodules(part: 'train' | 'val'): Promise<LabelledImages> {
  const file = join(noduleFolder(), `${part}.npz`);
  const arrays = await readWeights(readFileSync(file), file);
  return {
    images: Float32Array.from((arrays.get('images')?.data ?? []) as Uint8Array),
    labels: Uint8Array.from((arrays.get('labels')?.data ?? []) as Uint8Array, Number),
  };
}

function momentsOf(values: Float32Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) };
}

/** One network, compiled once, that all sites train and that is asked. */
export interface NoduleNetwork {
  readonly trainer: ClassifierTrainer;
  readonly scorer: ClassifierScorer;
  close(): Promise<void>;
}

export async function createNoduleNetwork(seed: number): Promise<NoduleNetwork> {
  const network: Parameters<typeof createClassifierTrainer>[0]['network'] = (scope, x) =>
    groupNormResNet(scope, x, { numClasses: 2, stemStride: 2 });
  const imageShape = [1, NODULE_SIDE, NODULE_SIDE];
  const setup = { network, imageShape, batchSize: BATCH, optimizer: sgd(), flipAxes: [0, 1] };
  const trainer = await createClassifierTrainer(setup, { seed, threads: 1 });
  const scorer = await createClassifierScorer({ network, imageShape, batchSize: 64 }, { threads: 1 });
  return {
    trainer,
    scorer,
    close: async () => {
      await trainer.close();
      await scorer.close();
    },
  };
}

/** A site that trains the common network on its own images. */
export function noduleSite(n: number, images: LabelledImages, { trainer }: NoduleNetwork): LocalSite {
  return {
    name: `site ${n + 1}`,
    examples: countOf(images),
    train: async ({ weights, ...work }) => {
      trainer.start(weights);
      await trainer.train(images, work);
      return trainer.weights();
    },
  };
}

export interface NoduleRun {
  /** Of the common model on the validation patches, after the last round. */
  readonly auc: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
  /** CPU seconds of all rounds. */
  readonly seconds: number;
  readonly common: RoundRecord['common'];
}

/** All rounds of one federation; the first weights are the network's of its seed. */
export async function federateNodules(
  network: NoduleNetwork,
  nodules: Nodules,
  options: Omit<FederationOptions, 'sites' | 'layout'> & { readonly sites?: readonly LocalSite[] },
): Promise<NoduleRun> {
  const sites = nodules.sites.map((images, n) => noduleSite(n, images, network));
  let [bytesUp, bytesDown] = [0, 0];
  let last: RoundRecord | undefined;
  const before = process.cpuUsage();
  for await (const record of simulateFederation({ sites, layout: network.trainer.parameters, ...options })) {
    bytesUp += record.bytesUp;
    bytesDown += record.bytesDown;
    last = record;
  }
  const { user, system } = process.cpuUsage(before);
  if (!last)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'rounds', got: options.rounds, expected: '1 or more' });
  const auc = await noduleAuc(network, last.common, nodules.validation);
  return { auc, bytesUp, bytesDown, seconds: (user + system) / 1e6, common: last.common };
}

/** How often a nodule scores above something else; NaN of a model that has gone to pieces. */
export async function noduleAuc(
  { scorer }: NoduleNetwork,
  weights: RoundRecord['common'],
  images: LabelledImages,
): Promise<number> {
  const scores = (await scorer.score(weights, images)).filter((_, i) => i % 2 === 1);
  return scores.every(Number.isFinite) ? computeRocAuc(scores, images.labels) : Number.NaN;
}
