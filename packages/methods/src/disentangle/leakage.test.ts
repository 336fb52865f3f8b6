import { ops as $, createNetworkBuilder, initialValues, Random, type TensorValue } from '@vesalius/engine';
import { beforeAll, expect, test } from 'vitest';
import { createModalityTrainer, type ModalitySetup } from '../modalities/modality-trainer.ts';
import { disentangledCodes } from './disentangle.ts';
import { type DisentangleModelOptions, disentangleModel } from './disentangle-model.ts';
import { type CodesOf, type Leakage, measureLeakage } from './leakage.ts';

const SIDE = 8;
const BATCH = 4;
const imageShape = [BATCH, 2, SIDE, SIDE];
const setup: ModalitySetup = {
  channels: 2,
  classes: 2,
  // Flat, for speed.
  patchSize: [SIDE, SIDE] as unknown as ModalitySetup['patchSize'],
  batchSize: BATCH,
  foregroundShare: 1,
  augmentation: {
    rotationRadians: 0,
    scale: 0,
    flipAxes: [],
    elasticProbability: 0,
    inPlaneOnly: false,
    intensity: 0,
  },
  learningRate: { name: 'poly', base: 0.01, warmupSteps: 5 },
  weightDecay: 0,
  clipNorm: 12,
  emaDecay: 0.8,
  modalityDropout: true,
};
const STEPS = 200;
const channels = [4, 6];
const options: DisentangleModelOptions = { outChannels: 2, channels, appearanceSize: 4 };

/** A disk somewhere, bright in both modalities, one of them with stripes: the place is content, the stripes are looks. */
function batchOf(number: number): { image: Float32Array; label: Float32Array } {
  const random = new Random(7).fork(number);
  const pixels = SIDE ** 2;
  const image = new Float32Array(BATCH * 2 * pixels);
  const label = new Float32Array(BATCH * pixels);
  for (let b = 0; b < BATCH; b++) {
    const [cx, cy] = [2 + random.integer(4), 2 + random.integer(4)];
    for (let i = 0; i < pixels; i++) {
      const inside = Math.hypot((i % SIDE) - cx, Math.floor(i / SIDE) - cy) < 2.2 ? 1 : 0;
      label[b * pixels + i] = inside;
      image[2 * b * pixels + i] = 2 * inside + 0.3 * random.normal();
      image[(2 * b + 1) * pixels + i] = 2 * inside + 0.3 * random.normal() + 1.5 * ((i % 2) - 0.5);
    }
  }
  return { image, label };
}

async function trained(variant: NonNullable<DisentangleModelOptions['variant']>) {
  const model = disentangleModel({ ...options, variant });
  const batches = { batch: batchOf } as Parameters<typeof createModalityTrainer>[1]['batches'];
  const trainer = await createModalityTrainer(model, { setup, batches, seed: 1, threads: 1 });
  const losses: number[] = [];
  for (let i = 0; i < STEPS; i++) losses.push(await trainer.advance(STEPS));
  const weights = trainer.weights();
  await trainer.close();
  return { weights, losses };
}

const measure = (codes: CodesOf, weights: ReadonlyMap<string, TensorValue>, steps = 80): Promise<Leakage> =>
  measureLeakage(codes, {
    imageShape,
    weights,
    learned: (step) => batchOf(10_000 + step).image,
    tested: [1, 2, 3, 4, 5, 6].map((i) => batchOf(20_000 + i).image),
    steps,
    seed: 2,
    threads: 1,
  });

const content: CodesOf = (scope, inputs) => disentangledCodes.content(scope, inputs, options);
const appearance: CodesOf = (scope, inputs) => disentangledCodes.appearance(scope, inputs, options);

const networks = new Map<string, Awaited<ReturnType<typeof trained>>>();
beforeAll(async () => {
  for (const variant of ['none', 'adversarial', 'contrastive'] as const) networks.set(variant, await trained(variant));
}, 120_000);
const weightsOf = (variant: string) => networks.get(variant)?.weights as ReadonlyMap<string, TensorValue>;

test('disentanglement takes the modality out of the content, where it lies otherwise, and leaves it in the appearance', async () => {
  const plain = await measure(content, weightsOf('none'));
  const taken = await measure(content, weightsOf('adversarial'));
  const looks = await measure(appearance, weightsOf('adversarial'));
  expect(plain.accuracy).toBeGreaterThan(0.95);
  expect(taken.accuracy).toBeLessThan(0.7);
  expect(looks.accuracy).toBeGreaterThan(0.95);
  expect(taken.variation).toBeGreaterThan(0.3);
});

test('a contrast between patients has appearances told apart too', async () => {
  const looks = await measure(appearance, weightsOf('contrastive'));
  expect(looks.accuracy).toBeGreaterThan(0.95);
});

test('constant codes give nothing away, and are found out by their variation', async () => {
  const constant: CodesOf = () => [0, 1].map(() => [$.constant(new Float32Array(BATCH * 3).fill(0.5), [BATCH, 3])]);
  const { accuracy, variation } = await measure(constant, new Map(), 5);
  expect(accuracy).toBeCloseTo(0.5, 6);
  expect(variation).toBe(0);
});

test('every variant learns', () => {
  for (const { losses } of networks.values()) expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] as number));
});

test('the network that makes the codes stays as it is', async () => {
  const { scope, variables } = createNetworkBuilder();
  content(scope, { image: $.input('image', imageShape), mask: $.input('mask', [BATCH, 2]) });
  const weights = initialValues(variables(), 3);
  const before = new Map([...weights].map(([name, { data }]) => [name, Array.from(data, Number)]));
  const short = await measure(content, weights, 1);
  const long = await measure(content, weights, 20);
  expect(long.variation).toBe(short.variation);
  for (const [name, { data }] of weights) expect(Array.from(data, Number)).toEqual(before.get(name));
});

test('refuses weights of another network, and too few batches to tell a variation', async () => {
  await expect(measure(content, new Map(), 1)).rejects.toThrow('CHECKPOINT_MISMATCH');
  const few = { imageShape, weights: new Map(), learned: () => batchOf(1).image, tested: [], steps: 1, seed: 1 };
  await expect(measureLeakage(content, few)).rejects.toThrow('INVALID_ARGUMENT');
});
