import { adam, Random, sgd } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { groupNormResNet } from '../networks/group-norm-res-net.ts';
import { createClassifierScorer } from './classifier-scorer.ts';
import { type ClassifierSetup, createClassifierTrainer, type PrivacySetup } from './classifier-trainer.ts';
import { invertGradients } from './gradient-inversion.ts';
import { type LabelledImages, pickImages } from './labelled-images.ts';
import { inferMembership } from './membership-inference.ts';

const SIDE = 10;
const COUNT = 40;
const network: ClassifierSetup['network'] = (scope, x) =>
  groupNormResNet(scope, x, { numClasses: 2, channels: [16, 16], groups: 4 });
const imageShape = [1, SIDE, SIDE];
const random = new Random(1);
const noise = (length: number): Float32Array => random.fillNormal(new Float32Array(length));

/** Labels say nothing of the images: what a model knows of them it has by heart. */
function imagesOf(count: number): LabelledImages {
  const images = random.fillNormal(new Float32Array(count * SIDE * SIDE));
  return { images, labels: Uint8Array.from({ length: count }, (_, i) => i % 2) };
}

async function leakWith(privacy?: PrivacySetup) {
  const [members, others] = [imagesOf(COUNT), imagesOf(COUNT)];
  const setup = { network, imageShape, batchSize: privacy ? COUNT : 20, optimizer: privacy ? sgd() : adam() };
  const trainer = await createClassifierTrainer({ ...setup, ...(privacy && { privacy }) }, { seed: 3, threads: 1 });
  await trainer.train(members, { steps: 120, learningRate: privacy ? 0.1 : 0.01, seed: 0 });
  const scorer = await createClassifierScorer({ network, imageShape, batchSize: COUNT }, { threads: 1 });
  const answered = async (images: LabelledImages) => ({
    probabilities: await scorer.score(trainer.weights(), images),
    labels: images.labels,
  });
  const [known, strange] = [await answered(members), await answered(others)];
  await trainer.close();
  await scorer.close();
  return inferMembership(known, strange);
}

test('a model that learnt by heart tells whom it knows; one that was trained privately does not', async () => {
  const open = await leakWith();
  expect(open.auc).toBeGreaterThan(0.95);
  expect(open.advantage).toBeGreaterThan(0.7);
  const hidden = await leakWith({ clipNorm: 0.5, noiseMultiplier: 8, sampleRate: 0.5, noise });
  expect(hidden.auc).toBeLessThan(0.7);
  expect(hidden.advantage).toBeLessThan(0.45);
});

/** A disc, brighter than what is around it. */
const picture = Float32Array.from({ length: SIDE * SIDE }, (_, i) =>
  Math.hypot((i % SIDE) - 6, Math.floor(i / SIDE) - 3) < 2.5 ? 2 : -0.4,
);

async function stealWith(privacy?: PrivacySetup): Promise<number> {
  const images = { images: picture, labels: Uint8Array.of(1) };
  const setup = { network, imageShape, batchSize: 1, optimizer: sgd(), ...(privacy && { privacy }) };
  const trainer = await createClassifierTrainer(setup, { seed: 3, threads: 1 });
  const weights = trainer.weights();
  await trainer.train(pickImages(images, [0]), { steps: 1, learningRate: 1, seed: 0 });
  const after = trainer.weights();
  await trainer.close();
  const gradients = new Map(
    [...weights].map(([name, before]) => [name, before.map((value, i) => value - (after.get(name)?.[i] as number))]),
  );
  const { image } = await invertGradients({ network, imageShape }, { weights, gradients, label: 1 }, { threads: 1 });
  return correlation(image, picture);
}

function correlation(a: Float32Array, b: Float32Array): number {
  const centred = [a, b].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Float64Array.from(values, (value) => value - mean);
  }) as [Float64Array, Float64Array];
  const dot = (x: Float64Array, y: Float64Array): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  return dot(...centred) / Math.sqrt(dot(centred[0], centred[0]) * dot(centred[1], centred[1]));
}

test('the update of one image shows the image; clipped and noised it does not', async () => {
  expect(await stealWith()).toBeGreaterThan(0.7);
  expect(Math.abs(await stealWith({ clipNorm: 1, noiseMultiplier: 1, sampleRate: 1, noise }))).toBeLessThan(0.4);
});
