import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAffine } from '../affine.ts';
import { affineOfPlacement, placementOfAffine } from './nifti-affine.ts';

const angle = fc.double({ min: -Math.PI, max: Math.PI, noNaN: true });
const size = fc.double({ min: 0.2, max: 5, noNaN: true });
const sign = fc.constantFrom(1, -1);

/** An affine of rotations about z, y and z again, then sizes, mirrored by the sign. */
function rotated([a, b, c]: readonly number[], [sx, sy, sz]: readonly number[], mirror: number) {
  const [ca, sa, cb, sb, cc, sc] = [a, b, c].flatMap((v = 0) => [Math.cos(v), Math.sin(v)]) as [number, ...number[]];
  const rows = [
    [ca * cb * cc - sa * sc, -ca * cb * sc - sa * cc, ca * sb],
    [sa * cb * cc + ca * sc, -sa * cb * sc + ca * cc, sa * sb],
    [-sb * cc, sb * sc, cb],
  ].flatMap(([p = 0, q = 0, r = 0], row) => [p * sx, q * sy, r * sz * mirror, 10 * row - 7]);
  return createAffine('voxel', 'lps', [...rows, 0, 0, 0, 1]);
}

test('the qform alone says the same as the sform, mirrored or not', () => {
  fc.assert(
    fc.property(fc.tuple(angle, angle, angle), fc.tuple(size, size, size), sign, (angles, sizes, mirror) => {
      const affine = rotated(angles, sizes, mirror);
      const placement = placementOfAffine(affine);
      expect(placement.qformCode).toBe(1);
      const back = affineOfPlacement({ ...placement, sformCode: 0 }, 1).matrix;
      for (const [index, value] of affine.matrix.entries()) expect(back[index]).toBeCloseTo(value, 6);
    }),
    { numRuns: 500 },
  );
});

test('quarter and half turns survive the qform', () => {
  for (const angles of [
    [0, 0, 0],
    [Math.PI, 0, 0],
    [0, Math.PI, 0],
    [Math.PI / 2, Math.PI / 2, 0],
    [Math.PI, Math.PI, 0],
  ]) {
    const affine = rotated(angles, [1, 2, 3], 1);
    const back = affineOfPlacement({ ...placementOfAffine(affine), sformCode: 0 }, 1).matrix;
    for (const [index, value] of affine.matrix.entries()) expect(back[index]).toBeCloseTo(value, 6);
  }
});

test('a sheared grid is written without a qform, and a flat sform gives way to the qform', () => {
  const sheared = createAffine('voxel', 'lps', [1, 0.3, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
  expect(placementOfAffine(sheared).qformCode).toBe(0);
  const placement = placementOfAffine(rotated([0.1, 0.2, 0.3], [1, 2, 3], 1));
  const flat = affineOfPlacement({ ...placement, srow: new Array(12).fill(0) }, 1);
  expect(flat.matrix[11]).toBeCloseTo(13, 9);
});
