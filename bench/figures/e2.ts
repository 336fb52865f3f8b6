import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openOnnx, Random, readOnnx, sgd, writeOnnx, writeSafetensors } from '@vesalius/engine';
import { createImageRunner, fitTransformer, type VisionTransformerOptions, visionTransformer } from '@vesalius/medical';
import { createTransferClassifier, type TransferClassifier, type TransferSetup } from '@vesalius/methods';
import { goldenNoise } from '../../golden/golden-weights.ts';
import type { Measure } from '../figure-result.ts';
import { dinov2Onnx, transformerOf } from '../pretrained/published-weights.ts';
import { realFilms } from '../pretrained/real-films.ts';
import { askPeers } from './ask-peers.ts';

const SIDE = 224;
const IMAGE = [3, SIDE, SIDE] as const;
const TOKENS = '/backbone/layernorm/Add_1_output_0';
const BATCH = 4;
const SEED = 3;
const STEP = { rate: 1e-3, momentum: 0.9, decay: 0.75, labels: [0, 1, 0, 1] };

/** DINOv2's tokens of real chest films beside those of the ONNX file its weights come from, and one step of full fine-tuning beside PyTorch's. */
export const measure: Measure = async ({ quick, log }) => {
  const onnx = await dinov2Onnx();
  const { options: transformer, weights } = transformerOf(onnx);
  const fitted = fitTransformer(weights, { grid: [SIDE / 14, SIDE / 14], channels: 3 });
  const count = quick ? 2 : 16;
  const films = await realFilms(Math.max(count, BATCH));
  const shown = films.subarray(0, count * 3 * SIDE * SIDE);
  const runner = await createImageRunner(
    { network: (scope, x) => visionTransformer(scope, x, transformer), imageShape: IMAGE, batchSize: 1 },
    { threads: 1 },
  );
  const ours = await runner.run(fitted, shown);
  await runner.close();
  log('tokens of the ONNX original');
  const original = await tokensOfOriginal(onnx, shown, count);
  const forwardError = largest(ours.map((value, i) => value - (original[i] as number)));
  log(`forwardError ${forwardError}; a step of PyTorch`);
  const setup: TransferSetup = {
    method: 'full',
    transformer,
    numClasses: 2,
    imageShape: IMAGE,
    batchSize: BATCH,
    layerDecay: STEP.decay,
    optimizer: sgd({ momentum: STEP.momentum }),
    seed: SEED,
  };
  const classifier = await createTransferClassifier(setup, fitted, { threads: 1 });
  const step = await compareStep(classifier, films.subarray(0, BATCH * 3 * SIDE * SIDE), transformer);
  await classifier.close();
  const figure = { images: count, forwardError, largestToken: largest(original), ...step };
  for (const [name, value] of Object.entries(figure)) log(`${name} ${value}`);
  return { figure, peer: {} };
};

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** The file's own network, asked for what its last norm gives. */
async function tokensOfOriginal(onnx: Uint8Array, films: Float32Array, count: number): Promise<Float32Array> {
  const model = readOnnx(onnx);
  const outputs = [{ name: TOKENS, dataType: 1, shape: ['batch', 'tokens', 384] }];
  const session = await openOnnx(writeOnnx({ ...model, graph: { ...model.graph, outputs } }), { threads: 1 });
  const each = films.length / count;
  const tokens: Float32Array[] = [];
  for (let n = 0; n < count; n++) {
    const data = Float32Array.from(films.subarray(n * each, (n + 1) * each));
    const { [TOKENS]: answer } = await session.run({
      input_image: { shape: [1, ...IMAGE], dtype: 'float32', data },
    });
    tokens.push(Float32Array.from(answer?.data as Float32Array));
  }
  await session.close();
  return Float32Array.from(tokens.flatMap((part) => [...part]));
}

interface StepAnswer {
  readonly loss: number;
  /** Of each parameter's change: its norm, and its projections on two noises. */
  readonly changes: Readonly<Record<string, readonly [number, number, number]>>;
}

/** One step from the same weights on the same films: the loss, and what it changes in every parameter. */
async function compareStep(
  classifier: TransferClassifier,
  films: Float32Array<ArrayBuffer>,
  transformer: VisionTransformerOptions,
): Promise<Record<string, number>> {
  const { trainer } = classifier;
  const before = trainer.weights();
  const images = { images: films, labels: Uint8Array.from(STEP.labels) };
  const { loss } = await trainer.train(images, { steps: 1, seed: SEED, learningRate: STEP.rate });
  const after = trainer.weights();
  const theirs = askPytorch(classifier, before, { films, transformer });
  const errors = Object.entries(theirs.changes).map(([name, expected]) => {
    const change = (after.get(name) ?? new Float32Array()).map((value, i) => value - (before.get(name)?.[i] ?? 0));
    const shape = trainer.parameters.find((parameter) => parameter.name === name)?.shape ?? [];
    const got = summary(change, name, shape);
    return { norm: expected[0], error: Math.max(...got.map((value, k) => Math.abs(value - (expected[k] as number)))) };
  });
  // A parameter that hardly moves is as exact as rounding lets it be: it is held against a twentieth of the largest move.
  const floor = 0.05 * Math.max(...errors.map(({ norm }) => norm));
  return {
    lossError: Math.abs(loss - theirs.loss),
    parameters: errors.length,
    stepError: Math.max(...errors.map(({ norm, error }) => error / Math.max(norm, floor))),
  };
}

function summary(values: Float32Array, name: string, shape: readonly number[]): number[] {
  const sum = (of: (value: number, i: number) => number): number =>
    values.reduce((total, value, i) => total + of(value, i), 0);
  const projections = ['a', 'b'].map((side) => {
    const noise = goldenNoise(`${side}/${name}`, shape);
    return sum((value, i) => value * (noise[i] as number));
  });
  return [Math.sqrt(sum((value) => value * value)), ...projections];
}

interface Asked {
  readonly films: Float32Array<ArrayBuffer>;
  readonly transformer: VisionTransformerOptions;
}

function askPytorch(
  { trainer }: TransferClassifier,
  before: ReadonlyMap<string, Float32Array>,
  { films, transformer }: Asked,
): StepAnswer {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-step-'));
  try {
    const tensors = trainer.parameters.map(({ name, shape }) => {
      const data = Float32Array.from(before.get(name) ?? []);
      return [name, { dtype: 'float32', shape, data }] as const;
    });
    const input = { dtype: 'float32', shape: [BATCH, ...IMAGE], data: films.slice() } as const;
    const file = join(folder, 'step.safetensors');
    writeFileSync(file, writeSafetensors(new Map([...tensors, ['input', input]])));
    // The images that the trainer draws for its first step.
    const random = new Random(SEED).fork(0);
    const drawn = Array.from({ length: BATCH }, () => random.integer(BATCH));
    return askPeers<StepAnswer>('vit_step.py', { file, drawn, transformer, ...STEP });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
