import { sameGrid } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { generatePhantom, type Phantom } from './generate-phantom.ts';
import { PHANTOM_LABELS } from './phantom-anatomy.ts';

const SEEDS = Array.from({ length: 6 }, (_, i) => i);

const PHANTOMS = SEEDS.map((seed) => generatePhantom(seed));

function meanInside(seed: number, value: number): { mean: number; count: number } {
  const { image, label } = PHANTOMS[seed] as Phantom;
  const inside = image.voxels.filter((_, i) => label.voxels[i] === value);
  return { mean: inside.reduce((sum, v) => sum + v, 0) / inside.length, count: inside.length };
}

test('gives the same scan for the same seed and another for another', () => {
  const [a, b, c] = [PHANTOMS[1], generatePhantom(1), PHANTOMS[2]] as [Phantom, Phantom, Phantom];
  expect(a.image.voxels).toEqual(b.image.voxels);
  expect(a.label.voxels).toEqual(b.label.voxels);
  expect(a.label.voxels).not.toEqual(c.label.voxels);
});

test.each(SEEDS)('seed %i: every structure is there in the contrast of its tissue', (seed) => {
  const [outside, brain, ventricles, lesion] = PHANTOM_LABELS.map(({ value }) => meanInside(seed, value));
  for (const { count } of [brain, ventricles, lesion] as { count: number }[]) expect(count).toBeGreaterThan(5);
  expect(brain?.count).toBeGreaterThan(8000);
  expect(ventricles?.mean).toBeLessThan(0.8 * (brain?.mean ?? 0));
  expect(lesion?.mean).toBeGreaterThan(1.1 * (brain?.mean ?? 0));
  expect(outside?.count).toBeGreaterThan(brain?.count ?? 0);
});

test('image and label lie on one grid whose centre is the origin', () => {
  const { image, label } = generatePhantom(3, { size: [20, 24, 20], spacingMm: [6, 6, 6] });
  expect(sameGrid(image, label)).toBe(true);
  expect(image.voxelToLps.matrix[3]).toBe(-57);
});

test('lesions and intensity units differ from case to case', () => {
  const lesions = SEEDS.map((seed) => meanInside(seed, 3));
  const [counts, means] = [lesions.map(({ count }) => count), lesions.map(({ mean }) => mean)];
  expect(Math.max(...counts) / Math.min(...counts)).toBeGreaterThan(2);
  expect(Math.max(...means) / Math.min(...means)).toBeGreaterThan(1.5);
});
