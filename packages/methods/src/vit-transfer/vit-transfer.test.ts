import { ops as $, createNetworkBuilder, Random } from '@vesalius/engine';
import { type LabelledImages, type VisionTransformerOptions, visionTransformer } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { goldenNoise, goldenWeight } from '../../../../golden/golden-weights.ts';
import { goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { type ActivationStore, activationKey } from './activation-cache.ts';
import { layerWiseRates } from './layer-wise-rates.ts';
import { createTransferClassifier, type TransferSetup } from './transfer-classifier.ts';
import { TRANSFER_METHODS, type TransferMethod, transferNetwork } from './transfer-network.ts';

const { cases, tolerance } = readGolden('methods/vit-transfer');

interface Stated {
  readonly method: TransferMethod;
  readonly decay: number;
  readonly rate: number;
  readonly label: number;
  readonly inputShape: readonly [number, number, number, number];
  readonly patch_size: number;
  readonly hidden_size: number;
  readonly mlp_dim: number;
  readonly depth: number;
  readonly num_heads: number;
  readonly layer_scale: boolean;
}

function namedWeights(transformer: VisionTransformerOptions, shape: readonly number[]): Map<string, Float32Array> {
  const { scope, variables } = createNetworkBuilder();
  visionTransformer(scope, $.input('x', shape), transformer);
  return new Map(variables().map(({ name, tensor }) => [name, goldenWeight(name, tensor.shape)]));
}

test.each(cases)('three steps change what they change in PyTorch: $name', async ({ options, expected }) => {
  const stated = options as unknown as Stated;
  const { inputShape, method, rate, label } = stated;
  const transformer = {
    patchSize: stated.patch_size,
    hiddenSize: stated.hidden_size,
    mlpDim: stated.mlp_dim,
    depth: stated.depth,
    numHeads: stated.num_heads,
    layerScale: stated.layer_scale,
  };
  const [batchSize, channels, height, width] = inputShape;
  const imageShape = [channels, height, width] as const;
  const setup: TransferSetup = {
    method,
    transformer,
    numClasses: 3,
    imageShape,
    batchSize,
    layerDecay: stated.decay,
    seed: 1,
  };
  const pretrained = namedWeights(transformer, [1, ...imageShape]);
  const classifier = await createTransferClassifier(setup, pretrained, { threads: 1 });
  const first = new Map(
    classifier.trainer.parameters.map(({ name, shape }) => [name, goldenWeight(name, shape) as Float32Array]),
  );
  classifier.trainer.start(first);
  const one: LabelledImages = { images: goldenNoise('input', imageShape), labels: Uint8Array.of(label) };
  const prepared = await classifier.prepare(one, {});
  const losses: number[] = [];
  for (let taken = 0; taken < 3; taken++)
    losses.push((await classifier.trainer.train(prepared, { steps: 1, taken, seed: 1, learningRate: rate })).loss);
  const { losses: theirLosses, ...changes } = expected;
  if (!theirLosses) throw new Error('a case without losses');
  expect(relativeError(losses, goldenValues(theirLosses))).toBeLessThan(1e-4);
  const after = classifier.trainer.weights();
  await classifier.close();
  for (const [name, values] of after) {
    // A key's bias changes no attention: its gradient is rounding, which Adam makes large.
    const idle = (i: number): boolean => name.endsWith('qkv.bias') && Math.floor((3 * i) / values.length) === 1;
    const change = values.map((value, i) => (idle(i) ? 0 : (value - (first.get(name)?.[i] ?? Number.NaN)) / rate));
    const theirs = changes[name] ? goldenValues(changes[name]) : new Float32Array(change.length);
    const wanted = [...theirs].map((value, i) => (idle(i) ? 0 : value));
    expect([name, relativeError(change, wanted) < tolerance]).toEqual([name, true]);
  }
  expect(Object.keys(changes).filter((name) => !after.has(name))).toEqual([]);
});

const SIDE = 12;
const TINY = { patchSize: 4, hiddenSize: 16, mlpDim: 16, depth: 4, numHeads: 2 };

/** Of class 1 are the images with a bright square. */
function squares(count: number, seed: number): LabelledImages {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, () => random.integer(2));
  const images = random.fillNormal(new Float32Array(count * SIDE * SIDE), 0, 0.3);
  for (const [n, label] of labels.entries()) {
    const [x0, y0] = [random.integer(9), random.integer(9)];
    for (let i = 0; label === 1 && i < 9; i++) {
      const at = n * SIDE * SIDE + (y0 + Math.floor(i / 3)) * SIDE + x0 + (i % 3);
      images[at] = (images[at] as number) + 2;
    }
  }
  return { images, labels };
}

test.each(TRANSFER_METHODS)('%s learns, and leaves alone what it says is frozen', async (method) => {
  const setup: TransferSetup = {
    method,
    transformer: TINY,
    numClasses: 2,
    imageShape: [1, SIDE, SIDE],
    batchSize: 32,
    seed: 4,
  };
  const classifier = await createTransferClassifier(setup, undefined, { threads: 1 });
  const before = classifier.weights();
  const prepared = await classifier.prepare(squares(200, 1), {});
  const run = (seed: string, steps: number) =>
    classifier.trainer.train(prepared, { steps, seed, learningRate: (step) => 0.01 / (1 + step / 50) });
  const first = await run('a', 5);
  const then = await run('b', 60);
  expect(then.loss).toBeLessThan(first.loss);
  const after = classifier.weights();
  const moved = [...after.keys()].filter((name) => String(after.get(name)) !== String(before.get(name)));
  await classifier.close();
  expect(moved).toContain('head.weight');
  const touched = { 'head-3': /^(norm|pre_logits|head)\./, 'linear-probe': /^head\./, full: /./ };
  const of = {
    ...touched,
    'blocks-3': /^(blocks\.[123]|norm|head)\./,
    lora: /lora_|^head\./,
    prompts: /prompts|^head\./,
  };
  expect(moved.filter((name) => !of[method].test(name))).toEqual([]);
});

test.each(['linear-probe', 'full'] as const)('%s of MobileNetV2 learns', async (method) => {
  const setup: TransferSetup = {
    method,
    convolutional: 'mobilenet-v2',
    numClasses: 2,
    imageShape: [1, 32, 32],
    batchSize: 4,
    seed: 4,
  };
  const classifier = await createTransferClassifier(setup, undefined, { threads: 1 });
  const before = classifier.weights();
  // Dark images and bright ones.
  const labels = Uint8Array.from({ length: 16 }, (_, n) => n % 2);
  const random = new Random(3);
  const images = Float32Array.from({ length: 16 * 1024 }, (_, i) => random.normal() + 2 * (labels[i >> 10] as number));
  const prepared = await classifier.prepare({ images, labels }, {});
  const run = (seed: string, steps: number) => classifier.trainer.train(prepared, { steps, seed, learningRate: 0.002 });
  const first = await run('a', 1);
  if (method === 'linear-probe') expect((await run('b', 12)).loss).toBeLessThan(first.loss);
  const after = classifier.weights();
  const moved = [...after.keys()].filter((name) => String(after.get(name)) !== String(before.get(name)));
  expect(moved).toContain('head.weight');
  expect(moved.some((name) => name.startsWith('features.'))).toBe(method === 'full');
  expect(await classifier.score(prepared)).toHaveLength(32);
  await classifier.close();
});

test("what is a transformer's is refused for MobileNetV2", () => {
  expect(() => transferNetwork({ method: 'lora', convolutional: 'mobilenet-v2', numClasses: 2 })).toThrow(
    'INVALID_ARGUMENT: method for mobilenet-v2, got lora, expected linear-probe or full',
  );
});

test('activations are computed once for the same weights, images and preparation, and anew for others', async () => {
  const kept = new Map<string, Float32Array>();
  const reads: string[] = [];
  const store: ActivationStore = {
    read: async (key, length) => {
      const found = kept.get(key);
      reads.push(found?.length === length ? 'found' : 'missed');
      return found;
    },
    write: async (key, values) => void kept.set(key, values),
  };
  const setup: TransferSetup = {
    method: 'blocks-3',
    transformer: TINY,
    numClasses: 2,
    imageShape: [1, SIDE, SIDE],
    batchSize: 8,
    seed: 4,
  };
  const classifier = await createTransferClassifier(setup, undefined, { threads: 1 });
  const images = squares(9, 1);
  const first = await classifier.prepare(images, { size: SIDE }, store);
  expect((await classifier.prepare(images, { size: SIDE }, store)).images).toEqual(first.images);
  await classifier.prepare(images, { size: SIDE, crop: true }, store);
  await classifier.prepare(squares(9, 2), { size: SIDE }, store);
  await classifier.close();
  expect(reads).toEqual(['missed', 'found', 'missed', 'missed']);
  const weights = new Map([['a', Float32Array.of(1)]]);
  const key = (values: Float32Array) =>
    activationKey({ weights: new Map([['a', values]]), images: images.images, preprocessing: {} });
  expect(await key(Float32Array.of(1))).toBe(await key(weights.get('a') as Float32Array));
  expect(await key(Float32Array.of(1))).not.toBe(await key(Float32Array.of(1.0000001)));
});

test('rates fall from the classifier down', () => {
  const rate = layerWiseRates(12, 0.5);
  expect(
    ['head.weight', 'norm.bias', 'blocks.11.norm1.weight', 'blocks.0.mlp.fc1.bias', 'pos_embed'].map(rate),
  ).toEqual([1, 1, 0.5, 0.5 ** 12, 0.5 ** 13]);
});
