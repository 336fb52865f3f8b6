import { ops as $, adamW, inspectOnnx, isMatrix, readOnnx, type Scope, type Tensor } from '@vesalius/engine';
import {
  computeAveragePrecision,
  createClassifierTrainer,
  createImageRunner,
  delongInterval,
  fitTransformer,
  groupNormResNet,
  type LabelledImages,
  type PretrainedNetwork,
} from '@vesalius/medical';
import { createTransferClassifier, type TransferOptions } from '@vesalius/methods';
import type { Results } from '../results-store.ts';
import type { TransferRecipe } from './transfer-recipes.ts';

export const SIDE = 56;
const BATCH = 32;
const THREADS = 1;
const WEIGHT_DECAY = 0.05;
const WARM_UP = 20;

/** Columns of one scoring of one run. */
export const TRANSFER_COLUMNS = ['auc', 'low', 'high', 'averagePrecision', 'cpuSeconds', 'gflop', 'loss'] as const;

export interface TransferData {
  readonly training: LabelledImages;
  readonly validation: LabelledImages;
  readonly dinov2: Extract<PretrainedNetwork, { kind: 'vision-transformer' }>;
  readonly mobileNet: PretrainedNetwork['weights'];
}

export interface TransferRun {
  readonly recipe: TransferRecipe;
  readonly rate: number;
  readonly seed: number;
  /** Fewer than the recipe's in a quick look. */
  readonly steps: number;
}

/** What trains and is asked, whichever network it is. */
interface Trainee {
  /** CPU seconds and 10^9 operations that were spent before the first step. */
  readonly before: { readonly cpuSeconds: number; readonly gflop: number };
  readonly gflopPerStep: number;
  step(options: {
    steps: number;
    taken: number;
    seed: string;
    learningRate: (step: number) => number;
  }): Promise<number>;
  /** Probabilities of a nodule in the validation part. */
  score(): Promise<Float32Array>;
  close(): Promise<void>;
}

/** `full 0.0001 s0 @480` */
export function rowName({ recipe, rate, seed }: Omit<TransferRun, 'steps'>, step: number): string {
  return `${recipe.name} ${rate} s${seed} @${step}`;
}

/** Trains one classifier and scores it on the way; a run whose last row is there is not repeated. */
export async function carryOut(run: TransferRun, data: TransferData, results: Results): Promise<void> {
  const { recipe, steps, seed } = run;
  if (results.has(rowName(run, steps))) return;
  const trainee = await traineeOf(run, data);
  let { cpuSeconds } = trainee.before;
  for (let taken = 0; taken < steps; ) {
    const more = Math.min(recipe.every, steps - taken);
    const started = process.cpuUsage();
    const learningRate = (step: number): number => rateAt(step, run);
    const loss = await trainee.step({ steps: more, taken, seed: `${seed}`, learningRate });
    cpuSeconds += secondsSince(started);
    taken += more;
    if (results.has(rowName(run, taken))) continue;
    const scores = await trainee.score();
    const { auc, low, high } = delongInterval(scores, data.validation.labels);
    const averagePrecision = computeAveragePrecision(scores, data.validation.labels);
    const gflop = trainee.before.gflop + taken * trainee.gflopPerStep;
    results.append(rowName(run, taken), { auc, low, high, averagePrecision, cpuSeconds, gflop, loss });
  }
  await trainee.close();
}

/** A short rise, then half a cosine. */
function rateAt(step: number, { rate, steps }: TransferRun): number {
  const rise = Math.min(1, step / WARM_UP);
  return rate * rise * 0.5 * (1 + Math.cos((Math.PI * step) / (steps + 1)));
}

function secondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1e6;
}

async function gflopOf(onnx: Uint8Array | undefined): Promise<number> {
  return onnx ? (await inspectOnnx(readOnnx(onnx), {})).flops / 1e9 : 0;
}

function traineeOf(run: TransferRun, data: TransferData): Promise<Trainee> {
  const { network } = run.recipe;
  if (network.kind === 'resnet') return residualTrainee(run, data);
  if (network.kind === 'mobilenet-v2') {
    const weights = new Map([...data.mobileNet].map(([name, value]) => [name, value.data as Float32Array]));
    return transferTrainee(run, { method: 'full', convolutional: 'mobilenet-v2', numClasses: 2 }, { ...data, weights });
  }
  const { method, pretrained } = network;
  const { options, weights } = data.dinov2;
  const grid = [SIDE / options.patchSize, SIDE / options.patchSize] as const;
  const transformer = { ...options, layerScale: pretrained };
  const fitted = pretrained ? fitTransformer(weights, { grid, channels: 1 }) : undefined;
  return transferTrainee(run, { method, transformer, numClasses: 2 }, { ...data, weights: fitted });
}

const IMAGE = [1, SIDE, SIDE] as const;

type Shown = Pick<TransferData, 'training' | 'validation'> & {
  readonly weights: ReadonlyMap<string, Float32Array> | undefined;
};

async function transferTrainee(
  { recipe, seed }: TransferRun,
  network: TransferOptions,
  { training, validation, weights }: Shown,
): Promise<Trainee> {
  const classifier = await createTransferClassifier(
    {
      ...network,
      imageShape: IMAGE,
      batchSize: BATCH,
      layerDecay: recipe.layerDecay,
      flipAxes: [0, 1],
      seed,
    },
    weights,
    { threads: THREADS },
  );
  // Of the training part alone: what is computed of the validation part is scoring, which counts for no method.
  const started = process.cpuUsage();
  const prepared = await classifier.prepare(training, {});
  const cpuSeconds = secondsSince(started);
  const shown = await classifier.prepare(validation, {});
  const batches = Math.ceil(training.labels.length / BATCH);
  return {
    before: { cpuSeconds, gflop: batches * (await gflopOf(classifier.graphs.prefix)) },
    gflopPerStep: await gflopOf(classifier.graphs.step),
    step: async (steps) =>
      (await classifier.trainer.train(prepared, { ...steps, seed: `${steps.seed}/${steps.taken}` })).loss,
    score: async () => (await classifier.score(shown)).filter((_, i) => i % 2 === 1),
    close: () => classifier.close(),
  };
}

async function residualTrainee({ seed }: TransferRun, { training, validation }: TransferData): Promise<Trainee> {
  const trainer = await createClassifierTrainer(
    {
      network: residual,
      imageShape: IMAGE,
      batchSize: BATCH,
      optimizer: adamW({ weightDecay: WEIGHT_DECAY }),
      decays: isMatrix,
      flipAxes: [0, 1],
    },
    { seed, threads: THREADS },
  );
  const probabilities = await createImageRunner(
    { network: (scope, x) => $.softmax(residual(scope, x), 1), imageShape: IMAGE, batchSize: BATCH },
    { threads: THREADS },
  );
  return {
    before: { cpuSeconds: 0, gflop: 0 },
    gflopPerStep: await gflopOf(trainer.onnx),
    step: async (steps) => (await trainer.train(training, { ...steps, seed: `${steps.seed}/${steps.taken}` })).loss,
    score: async () => (await probabilities.run(trainer.weights(), validation.images)).filter((_, i) => i % 2 === 1),
    close: async () => {
      await trainer.close();
      await probabilities.close();
    },
  };
}

const residual = (scope: Scope, x: Tensor): Tensor =>
  groupNormResNet(scope, x, { numClasses: 2, channels: [32, 64, 128], blocksPerStage: 2, stemStride: 2 });
