import {
  ops as $,
  adamW,
  createNetworkBuilder,
  initialValues,
  isMatrix,
  type Optimizer,
  type RuntimeOptions,
} from '@vesalius/engine';
import {
  type ClassifierTrainer,
  createClassifierTrainer,
  createImageRunner,
  type ImageRunner,
  type LabelledImages,
} from '@vesalius/medical';
import { type ActivationStore, cachedActivations } from './activation-cache.ts';
import { layerWiseRates } from './layer-wise-rates.ts';
import { type TransferNetwork, type TransferOptions, transferNetwork } from './transfer-network.ts';

export type TransferSetup = TransferOptions & TransferTraining;

interface TransferTraining {
  /** C, H, W as the pre-trained weights were fitted to. */
  readonly imageShape: readonly [number, number, number];
  readonly batchSize: number;
  /** Each layer of a transformer learns by so much less than the one above it; 1 by default. */
  readonly layerDecay?: number;
  /** AdamW with a weight decay of 0.05 on matrices by default. */
  readonly optimizer?: Optimizer;
  /** Axes of an image that are mirrored at random where no part of the network is frozen before: 0 up and down, 1 left and right. */
  readonly flipAxes?: readonly number[];
  readonly seed: number;
}

/** A pre-trained network that becomes a classifier. */
export interface TransferClassifier {
  readonly trainer: ClassifierTrainer;
  /** What of images the trainer is given: what the frozen part makes of them, computed once and kept; or the images themselves. */
  prepare(images: LabelledImages, preprocessing: unknown, store?: ActivationStore): Promise<LabelledImages>;
  /** Probabilities `[N, classes]` of prepared images as the training stands. */
  score(prepared: Pick<LabelledImages, 'images'>): Promise<Float32Array>;
  /** All weights, frozen ones too, as the training stands. */
  weights(): Map<string, Float32Array>;
  /** Graphs of one batch: of the frozen part, of one training step, of scoring. */
  readonly graphs: { readonly prefix?: Uint8Array; readonly step: Uint8Array; readonly score: Uint8Array };
  close(): Promise<void>;
}

const WEIGHT_DECAY = 0.05;

/**
 * @param pretrained - fitted to the images, under the names of `visionTransformer`; without any the network begins at random
 * @throws CHECKPOINT_MISMATCH when the weights do not fit the network
 */
export async function createTransferClassifier(
  setup: TransferSetup,
  pretrained: ReadonlyMap<string, Float32Array> | undefined,
  options: RuntimeOptions = {},
): Promise<TransferClassifier> {
  const { imageShape, batchSize, flipAxes = [], layerDecay = 1, optimizer, seed } = setup;
  const network = transferNetwork(setup);
  const frozenPart = await createPrefix(network, { imageShape, batchSize }, options);
  const inputShape = frozenPart?.answerShape ?? imageShape;
  const trainer = await createClassifierTrainer(
    {
      network: network.suffix,
      imageShape: inputShape,
      batchSize,
      optimizer: optimizer ?? adamW({ weightDecay: WEIGHT_DECAY }),
      decays: isMatrix,
      frozen: network.frozen,
      ...('transformer' in setup && { learningRateFactor: layerWiseRates(setup.transformer.depth, layerDecay) }),
      ...(!frozenPart && { flipAxes }),
    },
    { ...options, seed },
  );
  const first = pretrained ?? randomWeights(network, imageShape, seed);
  trainer.start(startingWeights(trainer.weights(), first, network));
  const probabilities = await createImageRunner(
    { network: (scope, x) => $.softmax(network.suffix(scope, x), 1), imageShape: inputShape, batchSize },
    options,
  );
  return new Classifier({ setup, network, first, frozenPart, trainer, probabilities });
}

async function createPrefix(
  { prefix }: TransferNetwork,
  setup: { imageShape: readonly number[]; batchSize: number },
  options: RuntimeOptions,
): Promise<ImageRunner | undefined> {
  return prefix && createImageRunner({ ...setup, network: prefix }, options);
}

/** Of the whole network, where there are none to begin with. */
function randomWeights(
  { prefix, suffix }: TransferNetwork,
  imageShape: readonly number[],
  seed: number,
): Map<string, Float32Array> {
  const { scope, variables } = createNetworkBuilder();
  const x = $.input('image', [1, ...imageShape]);
  suffix(scope, prefix ? prefix(scope, x) : x);
  return new Map([...initialValues(variables(), seed)].map(([name, { data }]) => [name, data as Float32Array]));
}

function startingWeights(
  own: ReadonlyMap<string, Float32Array>,
  pretrained: ReadonlyMap<string, Float32Array>,
  { replaced }: TransferNetwork,
): Map<string, Float32Array> {
  return new Map(
    [...own].map(([name, values]) => [name, replaced(name) ? values : (pretrained.get(name) ?? new Float32Array())]),
  );
}

interface Parts {
  readonly setup: TransferSetup;
  readonly network: TransferNetwork;
  readonly first: ReadonlyMap<string, Float32Array>;
  readonly frozenPart: ImageRunner | undefined;
  readonly trainer: ClassifierTrainer;
  readonly probabilities: ImageRunner;
}

class Classifier implements TransferClassifier {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get trainer(): ClassifierTrainer {
    return this.#parts.trainer;
  }

  get graphs() {
    const { frozenPart, trainer, probabilities } = this.#parts;
    return { ...(frozenPart && { prefix: frozenPart.onnx }), step: trainer.onnx, score: probabilities.onnx };
  }

  async prepare(images: LabelledImages, preprocessing: unknown, store?: ActivationStore): Promise<LabelledImages> {
    const { frozenPart, first, setup } = this.#parts;
    if (!frozenPart) return images;
    const compute = (): Promise<Float32Array> => frozenPart.run(first, images.images);
    if (!store) return { images: await compute(), labels: images.labels };
    const { method } = setup;
    const part = method === 'head-3' || method === 'linear-probe' ? method : 'blocks-3';
    const network =
      'transformer' in setup ? { transformer: setup.transformer } : { convolutional: setup.convolutional };
    const source = {
      weights: first,
      images: images.images,
      preprocessing: { part, ...network, imageShape: setup.imageShape, preprocessing },
      length: images.labels.length * frozenPart.answerShape.reduce((product, n) => product * n, 1),
    };
    return { images: await cachedActivations(store, source, compute), labels: images.labels };
  }

  score({ images }: Pick<LabelledImages, 'images'>): Promise<Float32Array> {
    const { probabilities, trainer } = this.#parts;
    return probabilities.run(trainer.weights(), images);
  }

  weights(): Map<string, Float32Array> {
    const { first, trainer } = this.#parts;
    return new Map([...first, ...trainer.weights()]);
  }

  async close(): Promise<void> {
    const { frozenPart, trainer, probabilities } = this.#parts;
    await Promise.all([frozenPart?.close(), trainer.close(), probabilities.close()]);
  }
}
