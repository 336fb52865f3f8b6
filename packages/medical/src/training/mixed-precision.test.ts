import { expect, test } from 'vitest';
import type { Sample } from '../transforms/sample.ts';
import { createSegmentationTrainer, type SegmentationTrainer } from './segmentation-trainer.ts';
import { createBatchSource } from './training-batches.ts';
import type { SegmentationSetup } from './training-setup.ts';

const SIDE = 32;
const SEEDS = [1, 2, 3];
const STEPS = 30;
const setup: SegmentationSetup = {
  network: { name: 'UNet', options: { outChannels: 2, channels: [8, 16, 32], strides: [2, 2] } },
  channels: 1,
  classes: 2,
  patchSize: [1, SIDE, SIDE],
  batchSize: 2,
  foregroundShare: 0.5,
  optimizer: { name: 'AdamW', weightDecay: 1e-4 },
  learningRate: { name: 'poly', base: 1e-2, warmupSteps: 0, power: 0.9 },
  clipNorm: 12,
  emaDecay: 0.9,
  augmentation: {
    rotationRadians: 0,
    scale: 0,
    elasticProbability: 0,
    inPlaneOnly: true,
    intensity: 0,
    flipAxes: [1, 2],
  },
};

/** Noisy discs, brightest where they are labelled. */
const samples: Sample[] = [0, 1, 2, 3, 4, 5].map((seed) => {
  const grid = { shape: [1, 1, SIDE, SIDE], spacingMm: [1, 1, 1] } as const;
  const label = Uint8Array.from({ length: SIDE ** 2 }, (_, i) =>
    Number(Math.hypot((i % SIDE) - 10 - 2 * seed, Math.floor(i / SIDE) - 14 - seed) < 5 + (seed % 3)),
  );
  const image = Float32Array.from(label, (value, i) => value + 1.5 * Math.sin(9.7 * i * (seed + 1)));
  return { images: { image: { ...grid, data: image } }, labels: { label: { ...grid, data: label } } };
});

function trainerOf(precision: SegmentationSetup['precision'], seed: number, resume?: Awaited<ReturnType<typeof stop>>) {
  const chosen = { ...setup, ...(precision && { precision }) };
  const batches = createBatchSource(samples, chosen, seed);
  return createSegmentationTrainer(chosen, batches, { seed, threads: 1, ...(resume && { resume }) });
}

async function stop(trainer: SegmentationTrainer) {
  const resume = { states: trainer.save(), step: trainer.step };
  await trainer.close();
  return resume;
}

/** Mean soft Dice of the last steps. */
async function trained(precision: SegmentationSetup['precision'], seed: number): Promise<number> {
  const trainer = await trainerOf(precision, seed);
  const dice: number[] = [];
  while (trainer.step < STEPS) dice.push((await trainer.advance(STEPS)).dice);
  await trainer.close();
  return dice.slice(-5).reduce((sum, one) => sum + one / 5, 0);
}

test('a training in mixed precision ends where one in float32 does, as near as another seed', async () => {
  const ends: { single: number; mixed: number }[] = [];
  for (const seed of SEEDS) ends.push({ single: await trained('float32', seed), mixed: await trained('mixed', seed) });
  const singles = ends.map(({ single }) => single);
  const spread = Math.max(...singles) - Math.min(...singles);
  expect(Math.min(...singles)).toBeGreaterThan(0.5);
  for (const { single, mixed } of ends) expect(Math.abs(single - mixed)).toBeLessThan(spread);
});

test('a training in mixed precision that was stopped ends with the same bytes', async () => {
  const whole = await trainerOf('mixed', 1);
  while (whole.step < 6) await whole.advance(6);
  const before = await trainerOf('mixed', 1);
  while (before.step < 4) await before.advance(6);
  const after = await trainerOf('mixed', 1, await stop(before));
  while (after.step < 6) await after.advance(6);
  expect([...after.save()]).toEqual([...whole.save()]);
  expect([...after.save().keys()].filter((name) => name.startsWith('scaler.'))).toHaveLength(3);
  await after.close();
  await whole.close();
});

test('a checkpoint of one precision is refused by the other', async () => {
  const single = await trainerOf('float32', 1);
  await single.advance(2);
  const resume = await stop(single);
  await expect(trainerOf('mixed', 1, resume)).rejects.toThrow('CHECKPOINT_MISMATCH');
});

test('float32 named is float32 left out, to the byte, and says nothing of a loss scale', async () => {
  const [named, left] = [await trainerOf('float32', 1), await trainerOf(undefined, 1)];
  for (let step = 0; step < 3; step++) expect(await named.advance(3)).toEqual(await left.advance(3));
  expect([...named.save()]).toEqual([...left.save()]);
  expect(Object.keys(await named.advance(4))).not.toContain('scaling');
  await named.close();
  await left.close();
});

/** Images of some steps hold no numbers. */
function spoiled(isSpoiled: (step: number) => boolean): Promise<SegmentationTrainer> {
  const chosen = { ...setup, precision: 'mixed' } as const;
  const whole = createBatchSource(samples, chosen, 1);
  const batch: typeof whole.batch = (step) => {
    const made = whole.batch(step);
    return isSpoiled(step) ? { ...made, image: made.image.map(() => Number.POSITIVE_INFINITY) } : made;
  };
  return createSegmentationTrainer(chosen, { ...whole, batch }, { seed: 1, threads: 1 });
}

test('a planted overflow leaves its step out, halves the scale, and the training goes on', async () => {
  const trainer = await spoiled((step) => step === 3);
  const scalings = [(await trainer.advance(6)).scaling, (await trainer.advance(6)).scaling];
  const before = new Map(trainer.weights());
  scalings.push((await trainer.advance(6)).scaling);
  expect([...trainer.weights()]).toEqual([...before]);
  const next = await trainer.advance(6);
  scalings.push(next.scaling);
  expect(scalings).toEqual([
    { lossScale: 65536, skippedSteps: 0 },
    { lossScale: 65536, skippedSteps: 0 },
    { lossScale: 65536, skippedSteps: 1 },
    { lossScale: 32768, skippedSteps: 1 },
  ]);
  expect(next.loss).toBeGreaterThan(0);
  expect([...trainer.weights()]).not.toEqual([...before]);
  await trainer.close();
});

test('a training whose every step overflows ends when the scale is 1', async () => {
  const trainer = await spoiled(() => true);
  for (let step = 1; step <= 16; step++) await trainer.advance(100);
  await expect(trainer.advance(100)).rejects.toThrow('NOT_FINITE');
  await trainer.close();
});
