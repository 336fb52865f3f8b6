import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Affine,
  affineFromSpacing,
  applyAffine,
  composeAffine,
  createAffine,
  determinantOf,
  invertAffine,
  LPS_TO_RAS,
  type Point,
} from './affine.ts';

const unit = fc.double({ min: -1, max: 1, noNaN: true });
const matrices = fc
  .array(unit, { minLength: 12, maxLength: 12 })
  .map((rows) => createAffine('voxel', 'lps', [...rows.map((v, i) => v + (i % 5 === 0 ? 3 : 0)), 0, 0, 0, 1]));

test('comes back through the inverse', () => {
  fc.assert(
    fc.property(matrices, fc.tuple(unit, unit, unit), (affine, point) => {
      const back = applyAffine(invertAffine(affine), applyAffine(affine, point));
      for (const [axis, value] of back.entries()) expect(value).toBeCloseTo(point[axis] as number, 9);
    }),
  );
});

test('carries a point through a composition as through its parts', () => {
  const affine = affineFromSpacing([2, 3, 4], [10, 20, 30]);
  expect(applyAffine(composeAffine(LPS_TO_RAS, affine), [1, 1, 1])).toEqual([-12, -23, 34]);
  expect(determinantOf(affine)).toBe(24);
});

test('refuses what cannot be inverted, is not finite or is no affine matrix', () => {
  expect(() => invertAffine(affineFromSpacing([1, 0, 1]))).toThrow('INVALID_ARGUMENT');
  expect(() => affineFromSpacing([1, Number.NaN, 1])).toThrow('NOT_FINITE');
  expect(() => createAffine('voxel', 'ras', [1, 2, 3])).toThrow('INVALID_ARGUMENT');
});

test('does not compile where frames are mixed', () => {
  const voxelToLps: Affine<'voxel', 'lps'> = affineFromSpacing([1, 1, 1]);
  const seed: Point<'ras'> = applyAffine(LPS_TO_RAS, [1, 2, 3]);
  // @ts-expect-error a RAS point cannot go through a voxel-to-LPS affine
  expect(applyAffine(voxelToLps, seed)).toEqual([-1, -2, 3]);
  // @ts-expect-error the frames between must meet
  expect(composeAffine(voxelToLps, LPS_TO_RAS).to).toBe('lps');
});
