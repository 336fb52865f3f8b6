import {
  ops as $,
  compile,
  createNetworkBuilder,
  type Executable,
  type RuntimeOptions,
  type Scope,
  type Tensor,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { countOf, type LabelledImages } from './labelled-images.ts';

export interface ScorerSetup {
  /** Logits `[B, classes]` of images `[B, C, ...S]`. */
  readonly network: (scope: Scope, x: Tensor) => Tensor;
  /** C, ...S */
  readonly imageShape: readonly number[];
  readonly batchSize: number;
}

/** Asks a classifier. */
export interface ClassifierScorer {
  /** Probabilities `[N, classes]` under these weights. @throws CHECKPOINT_MISMATCH when they belong to another network */
  score(weights: ReadonlyMap<string, Float32Array>, images: LabelledImages): Promise<Float32Array>;
  close(): Promise<void>;
}

export async function createClassifierScorer(
  setup: ScorerSetup,
  options: RuntimeOptions = {},
): Promise<ClassifierScorer> {
  const { network, imageShape, batchSize } = setup;
  const { scope, variables } = createNetworkBuilder();
  const logits = network(scope, $.input('image', [batchSize, ...imageShape]));
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const executable = await compile({ outputs: { probabilities: $.softmax(logits, 1) }, states }, options);
  return {
    score: (weights, images) => {
      load(executable, weights);
      return scoreAll(executable, images, setup);
    },
    close: () => executable.close(),
  };
}

function load(executable: Executable, weights: ReadonlyMap<string, Float32Array>): void {
  for (const name of executable.stateNames) {
    const held = executable.readState(name);
    const data = weights.get(name);
    if (data?.length !== held.data.length)
      throw new VesaliusError('CHECKPOINT_MISMATCH', { what: name, got: data?.length, expected: held.data.length });
    executable.writeState(name, { ...held, data: data.slice() });
  }
}

async function scoreAll(
  executable: Executable,
  images: LabelledImages,
  { imageShape, batchSize }: ScorerSetup,
): Promise<Float32Array> {
  const count = countOf(images);
  const each = imageShape.reduce((product, n) => product * n, 1);
  const answers: Float32Array[] = [];
  for (let from = 0; from < count; from += batchSize) {
    const data = new Float32Array(batchSize * each);
    data.set(images.images.subarray(from * each, Math.min(count, from + batchSize) * each));
    const feed = { shape: [batchSize, ...imageShape], dtype: 'float32', data } as const;
    const outputs = await executable.run({ image: feed });
    answers.push(Float32Array.from(outputs['probabilities']?.data as Float32Array));
  }
  const classes = (answers[0]?.length ?? 0) / batchSize;
  const all = new Float32Array(count * classes);
  for (const [n, answer] of answers.entries())
    all.set(answer.subarray(0, Math.min(answer.length, all.length - n * answer.length)), n * answer.length);
  return all;
}
