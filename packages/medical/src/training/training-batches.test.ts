import { expect, test } from 'vitest';
import type { Sample } from '../transforms/sample.ts';
import { createBatchSource } from './training-batches.ts';
import type { SegmentationSetup } from './training-setup.ts';

const still = { rotationRadians: 0, scale: 0, elasticProbability: 0, inPlaneOnly: false, intensity: 0 };

function setupOf(patchSize: readonly [number, number, number], flipAxes: readonly number[]): SegmentationSetup {
  return {
    network: { name: 'UNet', options: { outChannels: 2, channels: [4, 4], strides: [2] } },
    channels: 1,
    classes: 2,
    patchSize,
    batchSize: 1,
    foregroundShare: 0,
    optimizer: { name: 'AdamW', weightDecay: 0 },
    learningRate: { name: 'poly', base: 1e-3, warmupSteps: 0, power: 0.9 },
    clipNorm: 12,
    emaDecay: 0.99,
    augmentation: { ...still, flipAxes },
  };
}

function sampleOf(shape: readonly [number, number, number, number], values: readonly number[]): Sample {
  const grid = { shape, spacingMm: [1, 1, 1] as const };
  return {
    images: { image: { ...grid, data: Float32Array.from(values) } },
    labels: { label: { ...grid, data: Uint8Array.from(values) } },
  };
}

test.each([
  ['a slice along its width', [1, 2, 2], 2, ['0,1,2,3', '1,0,3,2']],
  ['a slice along its height', [1, 2, 2], 1, ['0,1,2,3', '2,3,0,1']],
  ['a volume along its depth', [2, 1, 2], 0, ['0,1,2,3', '2,3,0,1']],
] as const)('mirrors %s', (_, size, axis, expected) => {
  const batches = createBatchSource([sampleOf([1, ...size], [0, 1, 2, 3])], setupOf(size, [axis]), 0);
  const seen = new Set(Array.from({ length: 40 }, (_unused, i) => String([...batches.batch(i + 1).label])));
  expect([...seen].sort()).toEqual(expected);
});

test('hidden channels: any set of the others as often as another, and never all', () => {
  const plain = setupOf([1, 2, 2], []);
  const setup = { ...plain, channels: 3, augmentation: { ...plain.augmentation, channelDropout: true } };
  const sample = sampleOf(
    [3, 1, 2, 2],
    Array.from({ length: 12 }, () => 1),
  );
  const label = { data: new Uint8Array(4), shape: [1, 1, 2, 2] as const, spacingMm: [1, 1, 1] as const };
  const batches = createBatchSource([{ ...sample, labels: { label } }], setup, 0);
  const counts = new Map<string, number>();
  for (let step = 1; step <= 700; step++) {
    const { image } = batches.batch(step);
    const kept = [0, 1, 2].map((c) => image[4 * c]).join('');
    counts.set(kept, (counts.get(kept) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['001', '010', '011', '100', '101', '110', '111']);
  for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(40);
});

test('an elastic deformation of a picture bends it without folding it', () => {
  const side = 64;
  // Each pixel holds where it came from: a fold would run backwards.
  const columns = Array.from({ length: side * side }, (_, i) => 100 + (i % side));
  const plain = setupOf([1, side, side], []);
  const setup = { ...plain, augmentation: { ...plain.augmentation, elasticProbability: 1 } };
  const batches = createBatchSource([sampleOf([1, 1, side, side], columns)], setup, 0);
  let furthest = 0;
  for (let step = 1; step <= 20; step++) {
    const { image } = batches.batch(step);
    for (let y = 8; y < side - 8; y++) {
      for (let x = 8; x < side - 8; x++) {
        const [here, next] = [image[y * side + x] as number, image[y * side + x + 1] as number];
        expect(next - here).toBeGreaterThan(-0.25);
        furthest = Math.max(furthest, Math.abs(here - 100 - x));
      }
    }
  }
  expect(furthest).toBeGreaterThan(1.5);
});
