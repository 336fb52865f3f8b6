import fc from 'fast-check';
import { expect, test } from 'vitest';
import { affineFromSpacing, applyAffine } from './affine.ts';
import { crop, pad } from './crop-pad.ts';
import { createVolume, type Triple } from './volume.ts';

const volume = createVolume({
  voxels: Uint16Array.from({ length: 4 * 3 * 2 * 2 * 2 }, (_, index) => index + 1),
  size: [4, 3, 2],
  timePoints: 2,
  components: 2,
  voxelToLps: affineFromSpacing([1, 2, 3], [10, 20, 30]),
});

test('crops every frame and keeps each voxel in its place', () => {
  const part = crop(volume, [1, 2, 1], [2, 1, 1]);
  expect(part.voxels).toEqual(Uint16Array.of(22, 23, 46, 47, 70, 71, 94, 95));
  expect(applyAffine(part.voxelToLps, [0, 0, 0])).toEqual(applyAffine(volume.voxelToLps, [1, 2, 1]));
});

test('crops back what it pads', () => {
  const border = fc.tuple(...Array.from({ length: 3 }, () => fc.nat(3))) as fc.Arbitrary<[number, number, number]>;
  fc.assert(
    fc.property(border, border, fc.nat(9), (before, after, value) => {
      const padded = pad(volume, { before, after, value });
      expect(crop(padded, before, volume.size)).toEqual(volume);
      const sum = volume.voxels.reduce((a, b) => a + b) + value * (padded.voxels.length - volume.voxels.length);
      expect(padded.voxels.reduce((a, b) => a + b)).toBe(sum);
    }),
  );
});

test.each([
  [
    [0, 0, 0],
    [5, 1, 1],
  ],
  [
    [-1, 0, 0],
    [1, 1, 1],
  ],
  [
    [0, 0, 0],
    [0, 1, 1],
  ],
  [
    [0.5, 0, 0],
    [1, 1, 1],
  ],
] as [Triple, Triple][])('refuses the box from %j of %j', (start, size) => {
  expect(() => crop(volume, start, size)).toThrow('INVALID_ARGUMENT');
});

test('pads 64-bit integers and refuses a negative border', () => {
  const big = createVolume({ voxels: BigInt64Array.of(7n), size: [1, 1, 1] });
  expect(pad(big, { before: [1, 0, 0], after: [0, 0, 0], value: -2 }).voxels).toEqual(BigInt64Array.of(-2n, 7n));
  expect(() => pad(big, { before: [-1, 0, 0], after: [0, 0, 0] })).toThrow('INVALID_ARGUMENT');
});
