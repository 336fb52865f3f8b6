import { adam, Random, sgd } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { computeRocAuc } from '../metrics/roc-auc.ts';
import { groupNormResNet } from '../networks/group-norm-res-net.ts';
import { createClassifierScorer } from './classifier-scorer.ts';
import { type ClassifierSetup, createClassifierTrainer } from './classifier-trainer.ts';
import { drawBatch } from './draw-batch.ts';
import { type LabelledImages, pickImages } from './labelled-images.ts';

const SIDE = 8;
const network: ClassifierSetup['network'] = (scope, x) =>
  groupNormResNet(scope, x, { numClasses: 2, channels: [8, 8], groups: 4 });
const base = { network, imageShape: [1, SIDE, SIDE], batchSize: 16, optimizer: adam() };

/** Of class 1 are the images with a bright square. */
function imagesOf(count: number, seed: number): LabelledImages {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, () => random.integer(2));
  const images = random.fillNormal(new Float32Array(count * SIDE * SIDE), 0, 0.3);
  for (const [n, label] of labels.entries()) {
    const [x0, y0] = [random.integer(5), random.integer(5)];
    for (let i = 0; label === 1 && i < 9; i++) {
      const at = n * SIDE * SIDE + (y0 + Math.floor(i / 3)) * SIDE + x0 + (i % 3);
      images[at] = (images[at] as number) + 1;
    }
  }
  return { images, labels };
}

const training = imagesOf(200, 1);
const validation = imagesOf(120, 2);

async function aucOf(weights: ReadonlyMap<string, Float32Array>): Promise<number> {
  const scorer = await createClassifierScorer({ ...base, batchSize: 50 }, { threads: 1 });
  const probabilities = await scorer.score(weights, validation);
  await scorer.close();
  return computeRocAuc(
    probabilities.filter((_, i) => i % 2 === 1),
    validation.labels,
  );
}

test('a classifier learns what it is shown, and the same again from the same seed', async () => {
  const run = async () => {
    const trainer = await createClassifierTrainer({ ...base, flipAxes: [0, 1] }, { seed: 3, threads: 1 });
    const first = await trainer.train(training, { steps: 5, learningRate: 0.01, seed: 'first' });
    const { loss } = await trainer.train(training, { steps: 60, learningRate: 0.01, seed: 'then' });
    expect(loss).toBeLessThan(first.loss);
    const weights = trainer.weights();
    await trainer.close();
    return weights;
  };
  const weights = await run();
  expect(await aucOf(weights)).toBeGreaterThan(0.9);
  expect(await run()).toEqual(weights);
});

test('one step of DP-SGD moves by the noise alone where gradients are clipped to almost nothing', async () => {
  const noise = (length: number): Float32Array => new Float32Array(length).fill(1);
  const privacy = { clipNorm: 1e-6, noiseMultiplier: 1e6, sampleRate: 0.1, noise };
  const setup = { ...base, batchSize: 60, optimizer: sgd(), privacy };
  const trainer = await createClassifierTrainer(setup, { seed: 3, threads: 1 });
  const before = trainer.weights();
  await trainer.train(training, { steps: 1, learningRate: 1, seed: 0 });
  // 1e-6 * 1e6 of noise over 0.1 * 200 images.
  for (const [name, values] of trainer.weights())
    for (const [i, value] of values.entries()) expect(value - (before.get(name)?.[i] ?? 0)).toBeCloseTo(-1 / 20, 5);
  await trainer.close();
});

test('the pull of FedProx and the correction of SCAFFOLD shift each step', async () => {
  const still = new Map<string, Float32Array>();
  const setup = { ...base, optimizer: sgd(), proximalWeight: 0.5, corrected: true };
  const trainer = await createClassifierTrainer(setup, { seed: 1, threads: 1 });
  const began = trainer.weights();
  for (const [name, values] of began) still.set(name, new Float32Array(values.length));
  const correction = new Map([...still, ['head.bias', Float32Array.of(100, -100)]]);
  await trainer.train(training, { steps: 1, learningRate: 0.01, correction, seed: 0 });
  const [a = 0, b = 0] = (trainer.weights().get('head.bias') ?? []).map(
    (value, i) => value - (began.get('head.bias')?.[i] ?? 0),
  );
  expect(a).toBeCloseTo(-1, 1);
  expect(b).toBeCloseTo(1, 1);
  expect(() => trainer.start(new Map())).toThrow(/CHECKPOINT_MISMATCH/);
  await trainer.close();
});

test('a batch of single chances holds each image at its rate, the rest is filled', () => {
  const options = { batchSize: 40, imageShape: [1, SIDE, SIDE], flipAxes: [], sampleRate: 0.1 };
  const sizes = Array.from({ length: 200 }, (_, n) => {
    const { present } = drawBatch(training, new Random(n), options);
    return present.reduce((sum, value) => sum + value, 0);
  });
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(Math.abs(mean - 20)).toBeLessThan(1.5);
  expect(new Set(sizes).size).toBeGreaterThan(8);
});

test('a mirrored image is the image mirrored', () => {
  const one: LabelledImages = { images: Float32Array.from({ length: 6 }, (_, i) => i), labels: Uint8Array.of(1) };
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++)
    seen.add(String(drawBatch(one, new Random(seed), { batchSize: 1, imageShape: [1, 2, 3], flipAxes: [0, 1] }).image));
  expect([...seen].sort()).toEqual(['0,1,2,3,4,5', '2,1,0,5,4,3', '3,4,5,0,1,2', '5,4,3,2,1,0']);
  expect(pickImages(training, [3, 3]).labels).toEqual(Uint8Array.of(training.labels[3] ?? 9, training.labels[3] ?? 9));
});
