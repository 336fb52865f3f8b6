import { expect, test } from 'vitest';
import { createSegmentationTrainer } from '../training/segmentation-trainer.ts';
import type { SegmentationSetup } from '../training/training-setup.ts';
import type { Sample } from '../transforms/sample.ts';
import { createClickBatches } from './click-batches.ts';

const SIDE = 8;
const VOXELS = SIDE ** 3;
const setup: SegmentationSetup = {
  network: { name: 'UNet', options: { outChannels: 2, channels: [4, 4], strides: [2] } },
  channels: 1,
  classes: 2,
  patchSize: [SIDE, SIDE, SIDE],
  batchSize: 2,
  foregroundShare: 0,
  optimizer: { name: 'AdamW', weightDecay: 0 },
  learningRate: { name: 'poly', base: 1e-2, warmupSteps: 0, power: 0.9 },
  clipNorm: 12,
  emaDecay: 0.9,
  augmentation: {
    rotationRadians: 0,
    scale: 0,
    elasticProbability: 0,
    inPlaneOnly: false,
    intensity: 0,
    flipAxes: [2],
  },
  interaction: { sigmaMm: 1, spacingMm: [1, 1, 1] },
};

const cases: Sample[] = [0, 1, 2].map((seed) => {
  const grid = { shape: [1, SIDE, SIDE, SIDE], spacingMm: [1, 1, 1] } as const;
  const inside = (i: number): boolean => i % SIDE > 2 + seed && i % SIDE < 6 + seed;
  return {
    images: { image: { ...grid, data: Float32Array.from({ length: VOXELS }, (_, i) => (inside(i) ? 1 : 0)) } },
    labels: { label: { ...grid, data: Uint8Array.from({ length: VOXELS }, (_, i) => (inside(i) ? 1 : 0)) } },
  };
});

test('what the network answered is corrected by clicks in the next step, on the same patch', () => {
  const batches = createClickBatches(cases, setup, 1);
  const first = batches.batch(1);
  batches.answered?.(Float32Array.from({ length: 4 * VOXELS }, (_, i) => (i % (2 * VOXELS) < VOXELS ? 1 : 0)));
  const second = batches.batch(2);
  const place = 0;
  expect(second.image.slice(0, VOXELS)).toEqual(first.image.slice(0, VOXELS));
  const clicksOfForeground = second.guidance?.subarray(place + VOXELS, place + 2 * VOXELS) ?? new Float32Array();
  const peak = Math.max(...clicksOfForeground);
  expect(peak).toBe(1);
  expect(second.label[clicksOfForeground.indexOf(peak)]).toBe(1);
});

test('a training that was stopped amid the rounds of a patch ends as one that was not', async () => {
  const [steps, stop] = [7, 5];
  const options = { seed: 2, threads: 1 };
  const whole = await createSegmentationTrainer(setup, createClickBatches(cases, setup, 2), options);
  while (whole.step < steps) await whole.advance(steps);
  const before = await createSegmentationTrainer(setup, createClickBatches(cases, setup, 2), options);
  while (before.step < stop) await before.advance(steps);
  const resume = { states: before.save(), step: stop };
  const after = await createSegmentationTrainer(setup, createClickBatches(cases, setup, 2), { ...options, resume });
  while (after.step < steps) await after.advance(steps);
  expect([...after.weights()]).toEqual([...whole.weights()]);
  await Promise.all([whole, before, after].map((trainer) => trainer.close()));
});
