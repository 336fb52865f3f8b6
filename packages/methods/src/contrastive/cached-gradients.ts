import {
  ops as $,
  adamW,
  compile,
  createNetworkBuilder,
  type Executable,
  gradients,
  initialValues,
  isMatrix,
  type RuntimeOptions,
  type Scope,
  scalarValue,
  type Tensor,
  type TensorValue,
  trainingProgram,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

export interface CachedSetup {
  /** Embeddings `[B, D]` of images `[B, ...imageShape]`; no layer of it may mix samples. */
  readonly network: (scope: Scope, x: Tensor) => Tensor;
  readonly imageShape: readonly number[];
  /** Images that the loss compares with each other. */
  readonly batchSize: number;
  /** Images whose activations are in memory at once; divides `batchSize`. */
  readonly chunkSize: number;
  /** Of all embeddings `[batchSize, D]` at once. */
  readonly loss: (embeddings: Tensor) => Tensor;
}

/** Steps on a batch that is larger than memory. */
export interface CachedTrainer {
  /** @returns the loss over the whole batch */
  step(images: Float32Array, step: { readonly step: number; readonly learningRate: number }): Promise<number>;
  weights(): Map<string, Float32Array>;
  close(): Promise<void>;
}

/**
 * Gradient caching: all embeddings are computed in parts without keeping activations, the loss over all of them gives a gradient for each
 * embedding, and a second pass in parts carries those into the weights. A step equals one on the whole batch; the memory is a part's.
 *
 * @throws INVALID_ARGUMENT unless the parts are equal
 * @source Gao et al. 2021, Scaling deep contrastive learning batch size under memory limited setup
 */
export async function createCachedTrainer(
  setup: CachedSetup,
  { seed, ...options }: RuntimeOptions & { readonly seed: number },
): Promise<CachedTrainer> {
  const { network, imageShape, batchSize, chunkSize, loss } = setup;
  if (batchSize % chunkSize !== 0)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'chunkSize',
      got: chunkSize,
      expected: `a divisor of ${batchSize}`,
    });
  const { scope, variables } = createNetworkBuilder({ training: true });
  const embedded = network(scope, $.input('image', [chunkSize, ...imageShape]));
  const width = embedded.shape[1] as number;
  const all = $.input('embeddings', [batchSize, width]);
  const value = loss(all);
  // Accumulation takes the mean over the parts, and the whole step wants their sum.
  const carried = $.mul($.sum($.mul(embedded, $.input('slope', [chunkSize, width]))), batchSize / chunkSize);
  const step = trainingProgram({
    loss: $.reshape(carried, []),
    variables: variables(),
    optimizer: adamW({ weightDecay: 1e-4 }),
    decays: isMatrix,
    accumulate: batchSize / chunkSize,
  });
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const parts = await Promise.all([
    compile({ outputs: { embedded }, states }, options),
    compile({ outputs: { value, slope: gradients(value, [all])[0] as Tensor }, states: {} }, options),
    compile(step, options),
  ]);
  const names = variables().map(({ name }) => name);
  for (const [name, first] of initialValues(variables(), seed)) parts[2].writeState(name, first);
  return new Cached({ setup, width, names, embed: parts[0], slope: parts[1], update: parts[2] });
}

interface Parts {
  readonly setup: CachedSetup;
  readonly width: number;
  readonly names: readonly string[];
  readonly embed: Executable;
  readonly slope: Executable;
  readonly update: Executable;
}

class Cached implements CachedTrainer {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async step(images: Float32Array, { step, learningRate }: { step: number; learningRate: number }): Promise<number> {
    const { setup, width, names, embed, slope, update } = this.#parts;
    const { batchSize, chunkSize } = setup;
    for (const name of names) embed.writeState(name, update.readState(name));
    const embeddings = new Float32Array(batchSize * width);
    for (let n = 0; n < batchSize; n += chunkSize) {
      const { embedded } = await embed.run({ image: this.#chunk(images, n) });
      embeddings.set(embedded?.data as Float32Array, n * width);
    }
    const answer = await slope.run({ embeddings: { shape: [batchSize, width], dtype: 'float32', data: embeddings } });
    const slopes = answer['slope']?.data as Float32Array;
    for (let n = 0; n < batchSize; n += chunkSize) {
      const data = slopes.slice(n * width, (n + chunkSize) * width);
      await update.run({
        image: this.#chunk(images, n),
        slope: { shape: [chunkSize, width], dtype: 'float32', data },
        learning_rate: scalarValue(learningRate),
        step: scalarValue(step),
      });
    }
    return Number(answer['value']?.data[0]);
  }

  weights(): Map<string, Float32Array> {
    const { names, update } = this.#parts;
    return new Map(names.map((name) => [name, (update.readState(name).data as Float32Array).slice()]));
  }

  async close(): Promise<void> {
    const { embed, slope, update } = this.#parts;
    await Promise.all([embed.close(), slope.close(), update.close()]);
  }

  #chunk(images: Float32Array, from: number): TensorValue {
    const { imageShape, chunkSize } = this.#parts.setup;
    const each = imageShape.reduce((product, n) => product * n, 1);
    const data = images.slice(from * each, (from + chunkSize) * each);
    return { shape: [chunkSize, ...imageShape], dtype: 'float32', data };
  }
}
