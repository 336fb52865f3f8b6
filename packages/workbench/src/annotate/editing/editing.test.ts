import { affineFromSpacing, type Triple } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, brushRuns } from './brush.ts';
import { growRegion } from './grow-region.ts';

const SIZE: Triple = [7, 6, 5];
const grid = { size: SIZE, voxelToLps: affineFromSpacing([1, 1, 2]) };
const covered = (brush: Parameters<typeof brushRuns>[1]) =>
  [...brushRuns(grid, brush)].flatMap(([from, to]) => Array.from({ length: to - from }, (_, k) => from + k));

test('a brush covers the voxels within its millimetres, in its slice or as a ball', () => {
  const centre: Triple = [3, 3, 2];
  expect(covered({ centre, radiusMm: 1 })).toHaveLength(5);
  expect(covered({ centre, radiusMm: 2 })).toHaveLength(15);
  expect(covered({ centre, radiusMm: 2, axis: 2 })).toHaveLength(13);
  expect(covered({ centre, radiusMm: 2, axis: 0 })).toHaveLength(7);
  expect(covered({ centre, radiusMm: 0 })).toEqual([3 + 7 * (3 + 6 * 2)]);
  expect(covered({ centre: [-9, 0, 0], radiusMm: 1 })).toEqual([]);
});

test('wherever a brush stands, it covers what lies near enough and the nearest voxel', () => {
  // In tenths and odd twentieths: no voxel lies on the edge, where rounding would decide.
  const tenths = fc.integer({ min: -20, max: 80 }).map((n) => n / 10);
  const radius = fc.integer({ min: 0, max: 49 }).map((n) => (n + 0.5) / 10);
  fc.assert(
    fc.property(fc.tuple(tenths, tenths, tenths), radius, (centre, radiusMm) => {
      const expected = Array.from({ length: 7 * 6 * 5 }, (_, i) => i).filter((i) => {
        const at = [i % 7, Math.floor(i / 7) % 6, Math.floor(i / 42)] as const;
        const away = Math.hypot(at[0] - centre[0], at[1] - centre[1], 2 * (at[2] - centre[2]));
        return away <= radiusMm || at.every((v, a) => v === Math.round(centre[a] as number));
      });
      expect(covered({ centre, radiusMm })).toEqual(expected);
    }),
  );
});

test('a stroke has no gaps', () => {
  const places = [...between([0, 0, 0], [6, 0, 0], 0.5)];
  expect(places.at(-1)).toEqual([6, 0, 0]);
  expect(places).toHaveLength(12);
});

test('a region grows over faces, as far as values are alike, and not for ever', () => {
  const values = new Int16Array(7 * 6 * 5).map((_, i) => (i % 7 < 3 ? 100 : 0));
  const grown = (more: object) =>
    growRegion(values, SIZE, { seed: [0, 0, 0], tolerance: 10, most: 1000, ...more })?.bits.filter((bit) => bit).length;
  expect(grown({})).toBe(3 * 6 * 5);
  expect(grown({ axis: 2 })).toBe(3 * 6);
  expect(grown({ most: 10 })).toBeLessThan(16);
  expect(grown({ seed: [9, 0, 0] })).toBe(undefined);
  expect(growRegion(values, SIZE, { seed: [6, 2, 2], tolerance: 10, most: 1000 })).toMatchObject({
    ...{ from: [3, 0, 0], size: [4, 6, 5], bits: new Uint8Array(4 * 6 * 5).fill(1) },
  });
});
