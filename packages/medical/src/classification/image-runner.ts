import {
  ops as $,
  compile,
  createNetworkBuilder,
  type Executable,
  type RuntimeOptions,
  type Scope,
  type Tensor,
  type TensorValue,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

export interface ImageRunnerSetup {
  /** Any answer `[B, ...]` to images `[B, C, ...S]`. */
  readonly network: (scope: Scope, x: Tensor) => Tensor;
  /** C, ...S */
  readonly imageShape: readonly number[];
  readonly batchSize: number;
}

/** Runs a network over all images of an array. */
export interface ImageRunner {
  /** Of one answer. */
  readonly answerShape: readonly number[];
  /**
   * Answers `[N, ...]` under these weights.
   * @throws CHECKPOINT_MISMATCH when they belong to another network
   */
  run(weights: ReadonlyMap<string, Float32Array>, images: Float32Array): Promise<Float32Array>;
  /** One batch as a graph, for counting its operations. */
  readonly onnx: Uint8Array;
  close(): Promise<void>;
}

export async function createImageRunner(setup: ImageRunnerSetup, options: RuntimeOptions = {}): Promise<ImageRunner> {
  const { network, imageShape, batchSize } = setup;
  const { scope, variables } = createNetworkBuilder();
  const answer = network(scope, $.input('image', [batchSize, ...imageShape]));
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const executable = await compile({ outputs: { answer }, states }, options);
  return {
    answerShape: answer.shape.slice(1),
    run: (weights, images) => {
      load(executable, weights);
      return runAll(executable, images, { ...setup, answerSize: sizeOf(answer.shape.slice(1)) });
    },
    onnx: executable.onnx,
    close: () => executable.close(),
  };
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

function load(executable: Executable, weights: ReadonlyMap<string, Float32Array>): void {
  for (const name of executable.stateNames) {
    const held = executable.readState(name);
    const data = weights.get(name);
    if (data?.length !== held.data.length)
      throw new VesaliusError('CHECKPOINT_MISMATCH', { what: name, got: data?.length, expected: held.data.length });
    executable.writeState(name, { ...held, data: data.slice() });
  }
}

async function runAll(
  executable: Executable,
  images: Float32Array,
  { imageShape, batchSize, answerSize }: ImageRunnerSetup & { answerSize: number },
): Promise<Float32Array> {
  const each = sizeOf(imageShape);
  const count = images.length / each;
  const answers = new Float32Array(count * answerSize);
  for (let from = 0; from < count; from += batchSize) {
    const data = new Float32Array(batchSize * each);
    data.set(images.subarray(from * each, Math.min(count, from + batchSize) * each));
    const feed = { shape: [batchSize, ...imageShape], dtype: 'float32', data } as const;
    const outputs = await executable.run({ image: feed });
    const filled = (Math.min(count, from + batchSize) - from) * answerSize;
    const answer = outputs['answer'] as TensorValue;
    answers.set((answer.data as Float32Array).subarray(0, filled), from * answerSize);
  }
  return answers;
}
