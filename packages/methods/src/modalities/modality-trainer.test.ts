import { readSafetensors, type TensorValue, writeSafetensors } from '@vesalius/engine';
import type { Sample } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { mmFormerModel } from '../mm-former/mm-former-model.ts';
import { earlyFusion } from './early-fusion.ts';
import { createModalityBatches } from './modality-batches.ts';
import type { ModalityModel } from './modality-model.ts';
import { createModalityPredictor } from './modality-predictor.ts';
import { createModalityTrainer, type ModalitySetup } from './modality-trainer.ts';

const setup: ModalitySetup = {
  channels: 2,
  classes: 2,
  patchSize: [8, 8, 8],
  batchSize: 2,
  foregroundShare: 0.8,
  augmentation: {
    rotationRadians: 0,
    scale: 0,
    flipAxes: [2],
    elasticProbability: 0,
    inPlaneOnly: false,
    intensity: 0,
  },
  learningRate: { name: 'poly', base: 0.01, warmupSteps: 2 },
  weightDecay: 1e-4,
  clipNorm: 12,
  emaDecay: 0.8,
  modalityDropout: true,
};
const size = { stem: 1, channels: [4, 6], hiddenSize: 8, mlpDim: 8, numLayers: 1, numHeads: 2 } as const;
const model: ModalityModel = mmFormerModel({ outChannels: 2, size });
const side = 12;

/** A ball that is bright in the first modality and dark in the second. */
function sampleWithBall(at: number): Sample {
  const voxels = side ** 3;
  const inside = (i: number): boolean =>
    Math.hypot((i % side) - at, (Math.floor(i / side) % side) - 6, Math.floor(i / side ** 2) - 6) < 3;
  const data = Float32Array.from({ length: 2 * voxels }, (_, i) => {
    const there = inside(i % voxels) ? 2 : 0;
    return (i < voxels ? there : -there) + 0.3 * Math.sin(17 * i);
  });
  const spacingMm = [2, 2, 2] as const;
  const label = Uint8Array.from({ length: voxels }, (_, i) => (inside(i) ? 1 : 0));
  return {
    images: { image: { data, shape: [2, side, side, side], spacingMm } },
    labels: { label: { data: label, shape: [1, side, side, side], spacingMm } },
  };
}

const batches = createModalityBatches([sampleWithBall(4), sampleWithBall(8)], setup, 5);
const trainerOf = (trained: ModalityModel, resume?: { states: Map<string, TensorValue>; step: number }) =>
  createModalityTrainer(trained, { setup, batches, seed: 5, threads: 1, ...(resume && { resume }) });

test('a training that was stopped and went on from its file ends with the same bytes', async () => {
  const whole = await trainerOf(model);
  for (let i = 0; i < 4; i++) await whole.advance(6);
  const stopped = writeSafetensors(whole.save() as Parameters<typeof writeSafetensors>[0]);
  for (let i = 0; i < 2; i++) await whole.advance(6);
  const states = new Map(readSafetensors(stopped).tensors) as Map<string, TensorValue>;
  const later = await trainerOf(model, { states, step: 4 });
  for (let i = 0; i < 2; i++) await later.advance(6);
  expect(later.step).toBe(6);
  expect(later.save()).toEqual(whole.save());
  await Promise.all([whole.close(), later.close()]);
});

test('refuses to go on from the states of another model', async () => {
  const trainer = await trainerOf(model);
  const states = trainer.save();
  await trainer.close();
  const other = earlyFusion({
    name: 'DynUNet',
    options: { outChannels: 2, kernelSize: [3, 3, 3], strides: [1, 2, 2], filters: [4, 6, 8] },
  });
  await expect(trainerOf(other, { states, step: 1 })).rejects.toThrow('CHECKPOINT_MISMATCH');
});

test('learns to find what both modalities show, and finds it with either alone', async () => {
  const trainer = await trainerOf(model);
  const losses: number[] = [];
  for (let i = 0; i < 60; i++) losses.push(await trainer.advance(60));
  const predictor = await createModalityPredictor(model, { setup, weights: trainer.weights(), threads: 1 });
  const { images, labels } = sampleWithBall(6);
  const image = images['image'] as Sample['images'][string];
  const truth = labels['label']?.data as Uint8Array;
  const voxels = side ** 3;
  for (const mask of [
    [1, 1],
    [1, 0],
    [0, 1],
  ]) {
    const { probabilities, shares } = await predictor.predict(image, mask);
    const found = Uint8Array.from(truth, (_, i) => ((probabilities[voxels + i] as number) > 0.5 ? 1 : 0));
    const both = found.reduce((sum, value, i) => sum + value * (truth[i] as number), 0);
    const total = found.reduce((a, b) => a + b, 0) + truth.reduce((a, b) => a + b, 0);
    expect((2 * both) / total).toBeGreaterThan(0.7);
    expect((shares['attention'] as number[]).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  }
  await expect(predictor.predict(image, [0, 0])).rejects.toThrow('INVALID_ARGUMENT');
  await Promise.all([trainer.close(), predictor.close()]);
  expect(losses.at(-1)).toBeLessThan(0.6 * (losses[0] as number));
});
