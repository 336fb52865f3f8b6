import {
  ops as $,
  compile,
  createNetworkBuilder,
  type Executable,
  elementCount,
  gradients,
  initialValues,
  type Optimizer,
  privateGradients,
  Random,
  type RuntimeOptions,
  type Scope,
  scalarValue,
  type Tensor,
  type TensorValue,
  type TrainingProgramOptions,
  trainingProgram,
  type Variable,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { crossEntropy } from '../losses/cross-entropy.ts';
import { drawBatch } from './draw-batch.ts';
import { countOf, type LabelledImages } from './labelled-images.ts';

/** Steps of DP-SGD: what leaves the training is private in the sense of the noise. */
export interface PrivacySetup {
  /** Largest norm of one sample's gradients. */
  readonly clipNorm: number;
  /** In units of `clipNorm`. */
  readonly noiseMultiplier: number;
  /** Chance of each image to be in a step (Poisson sampling); `batchSize` is the most a step can hold. */
  readonly sampleRate: number;
  /** Standard normal numbers of a cryptographic generator. */
  readonly noise: (length: number) => Float32Array;
}

export interface ClassifierSetup
  extends Pick<TrainingProgramOptions, 'clipNorm' | 'learningRateFactor' | 'decays' | 'frozen'> {
  /** Logits `[B, classes]` of images `[B, C, ...S]`. */
  readonly network: (scope: Scope, x: Tensor) => Tensor;
  /** C, ...S */
  readonly imageShape: readonly number[];
  readonly batchSize: number;
  readonly optimizer: Optimizer;
  /** Axes of S along which images are mirrored at random, from 0. */
  readonly flipAxes?: readonly number[];
  readonly privacy?: PrivacySetup;
  /** Of the pull back to the weights that training began with. @source Li et al. 2020, FedProx */
  readonly proximalWeight?: number;
  /** Whether each step's gradients are shifted by `correction`. @source Karimireddy et al. 2020, SCAFFOLD */
  readonly corrected?: boolean;
}

export interface ClassifierSteps {
  readonly steps: number;
  /** Of the order and the mirroring. */
  readonly seed: number | string;
  /** Of all steps, or of each by its number from 1. */
  readonly learningRate: number | ((step: number) => number);
  /** Steps that were taken before, none by default: the first of these has the number after. */
  readonly taken?: number;
  /** By parameter, added to its gradient; only with `corrected`. */
  readonly correction?: ReadonlyMap<string, Float32Array>;
}

/** Trains one classifier, on whatever images and from whatever weights it is given. */
export interface ClassifierTrainer {
  /** By parameter. */
  weights(): Map<string, Float32Array>;
  /** Begins anew from these. @throws CHECKPOINT_MISMATCH when they belong to another network */
  start(weights: ReadonlyMap<string, Float32Array>): void;
  /** Mean loss over the steps; of a private training it may not leave the site. */
  train(images: LabelledImages, steps: ClassifierSteps): Promise<{ readonly loss: number }>;
  readonly parameters: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** One step as a graph, for counting its operations. */
  readonly onnx: Uint8Array;
  close(): Promise<void>;
}

export interface ClassifierTrainerOptions extends RuntimeOptions {
  /** Of the first weights. */
  readonly seed: number;
}

/** @throws INVALID_ARGUMENT when a private network has layers that mix samples */
export async function createClassifierTrainer(
  setup: ClassifierSetup,
  { seed, ...options }: ClassifierTrainerOptions,
): Promise<ClassifierTrainer> {
  const { program, variables } = buildGraph(setup);
  const executable = await compile(program, options);
  for (const [name, value] of initialValues(variables, seed)) executable.writeState(name, value);
  return new Trainer({ setup, executable, variables });
}

function buildGraph(setup: ClassifierSetup) {
  const { network, imageShape, batchSize, optimizer, privacy, clipNorm, learningRateFactor, decays, frozen } = setup;
  const { scope, variables } = createNetworkBuilder({ training: true });
  const image = $.input('image', [batchSize, ...imageShape]);
  const label = $.input('label', [batchSize, 1]);
  const lossOf = (x: Tensor, y: Tensor): Tensor => $.reshape(crossEntropy(network(scope, x), y), []);
  const noised =
    privacy &&
    privateGradients({
      loss: (x, y) => lossOf(x as Tensor, y as Tensor),
      inputs: [image, label],
      variables,
      clipNorm: privacy.clipNorm,
      noiseMultiplier: privacy.noiseMultiplier,
      present: $.input('present', [batchSize]),
      // Divided below by what each site's number of images makes it.
      expectedBatchSize: 1,
    });
  const loss = noised?.loss ?? lossOf(image, label);
  const expected = $.input('expected_batch', []);
  const own = (trained: readonly Variable[]): readonly Tensor[] =>
    noised
      ? noised.gradientsOf(trained).map((sum) => $.div(sum, expected))
      : gradients(
          loss,
          trained.map(({ tensor }) => tensor),
        );
  const gradientsOf = (trained: readonly Variable[]): readonly Tensor[] =>
    own(trained).map((gradient, i) => shifted(gradient, trained[i] as Variable, setup));
  const program = trainingProgram({
    loss,
    variables: variables(),
    optimizer,
    gradientsOf,
    ...(clipNorm !== undefined && { clipNorm }),
    ...(learningRateFactor && { learningRateFactor }),
    ...(decays && { decays }),
    ...(frozen && { frozen }),
  });
  return { program, variables: variables() };
}

/** By what the federation asks for, which knows nothing of single images. */
function shifted(
  gradient: Tensor,
  { name, tensor }: Variable,
  { proximalWeight = 0, corrected = false }: ClassifierSetup,
): Tensor {
  const pulled =
    proximalWeight === 0
      ? gradient
      : $.add(gradient, $.mul($.sub(tensor, $.input(`anchor.${name}`, tensor.shape)), proximalWeight));
  return corrected ? $.add(pulled, $.input(`correction.${name}`, tensor.shape)) : pulled;
}

interface Ready {
  readonly setup: ClassifierSetup;
  readonly executable: Executable;
  readonly variables: readonly Variable[];
}

class Trainer implements ClassifierTrainer {
  readonly #ready: Ready;
  #anchor: ReadonlyMap<string, Float32Array>;

  constructor(ready: Ready) {
    this.#ready = ready;
    this.#anchor = this.weights();
  }

  get parameters() {
    return this.#ready.variables.map(({ name, tensor }) => ({ name, shape: tensor.shape }));
  }

  get onnx(): Uint8Array {
    return this.#ready.executable.onnx;
  }

  weights(): Map<string, Float32Array> {
    const { executable } = this.#ready;
    return new Map(
      this.parameters.map(({ name }) => [name, (executable.readState(name).data as Float32Array).slice()]),
    );
  }

  start(weights: ReadonlyMap<string, Float32Array>): void {
    const { executable } = this.#ready;
    const shapes = new Map(this.parameters.map(({ name, shape }) => [name, shape]));
    for (const name of executable.stateNames) {
      const held = executable.readState(name);
      const shape = shapes.get(name);
      // Moments of the optimizer belong to the weights they came from.
      const data = shape ? weights.get(name) : new Float32Array(held.data.length);
      if (data?.length !== held.data.length)
        throw new VesaliusError('CHECKPOINT_MISMATCH', { what: name, got: data?.length, expected: held.data.length });
      executable.writeState(name, { ...held, data: data.slice() });
    }
    this.#anchor = this.weights();
  }

  async train(
    images: LabelledImages,
    { steps, learningRate, correction, seed, taken = 0 }: ClassifierSteps,
  ): Promise<{ readonly loss: number }> {
    let sum = 0;
    const shifts = this.#shifts(correction);
    const random = new Random(seed);
    for (let i = taken; i < taken + steps; i++) {
      const outputs = await this.#ready.executable.run({
        ...this.#draw(images, random.fork(i)),
        ...shifts,
        learning_rate: scalarValue(typeof learningRate === 'number' ? learningRate : learningRate(i + 1)),
        step: scalarValue(i + 1),
      });
      const loss = Number(outputs['loss']?.data[0]);
      if (!Number.isFinite(loss))
        throw new VesaliusError('NOT_FINITE', {
          what: `loss of step ${i + 1}`,
          got: loss,
          expected: 'a number; try a lower learning rate',
        });
      sum += loss;
    }
    return { loss: sum / Math.max(1, steps) };
  }

  close(): Promise<void> {
    return this.#ready.executable.close();
  }

  #draw(images: LabelledImages, random: Random): Record<string, TensorValue> {
    const { setup, variables } = this.#ready;
    const { batchSize, imageShape, flipAxes = [], privacy } = setup;
    const drawn = drawBatch(images, random, {
      batchSize,
      imageShape,
      flipAxes,
      ...(privacy && { sampleRate: privacy.sampleRate }),
    });
    const feeds: Record<string, TensorValue> = {
      image: { shape: [batchSize, ...imageShape], dtype: 'float32', data: drawn.image },
      label: { shape: [batchSize, 1], dtype: 'float32', data: drawn.label },
    };
    if (!privacy) return feeds;
    feeds['expected_batch'] = scalarValue(privacy.sampleRate * countOf(images));
    feeds['present'] = { shape: [batchSize], dtype: 'float32', data: drawn.present };
    for (const { name, tensor } of variables)
      feeds[`noise.${name}`] = {
        shape: tensor.shape,
        dtype: 'float32',
        data: privacy.noise(elementCount(tensor.shape)),
      };
    return feeds;
  }

  #shifts(correction: ReadonlyMap<string, Float32Array> | undefined): Record<string, TensorValue> {
    const { proximalWeight = 0, corrected = false } = this.#ready.setup;
    const feeds: Record<string, TensorValue> = {};
    for (const { name, shape } of this.parameters) {
      const zeros = new Float32Array(elementCount(shape));
      if (proximalWeight !== 0)
        feeds[`anchor.${name}`] = { shape, dtype: 'float32', data: this.#anchor.get(name) ?? zeros };
      if (corrected) feeds[`correction.${name}`] = { shape, dtype: 'float32', data: correction?.get(name) ?? zeros };
    }
    return feeds;
  }
}
