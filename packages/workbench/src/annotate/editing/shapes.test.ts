import type { Triple } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { copySlice } from './copy-slice.ts';
import { fillBetween } from './fill-between.ts';
import { fillBox } from './fill-box.ts';
import { largestPart, withoutSmallParts } from './islands.ts';
import { LabelHistory } from './label-history.ts';
import { boxOf, type Region } from './region.ts';
import { enclosedBy } from './scissors.ts';
import { signedDistance } from './signed-distance.ts';
import { smooth } from './smooth.ts';

const SIZE: Triple = [20, 18, 16];
const at = (x: number, y: number, z: number) => x + 20 * (y + 18 * z);
const spacing: Triple = [1, 1, 2];

/** 1 where `isInside` says so. */
function drawn(isInside: (x: number, y: number, z: number) => boolean): LabelHistory {
  const mask = new Uint8Array(20 * 18 * 16);
  return new LabelHistory(
    mask.map((_, i) => Number(isInside(i % 20, Math.floor(i / 20) % 18, Math.floor(i / 360)))),
    SIZE,
  );
}
const count = (region: Region | undefined) => region?.bits.reduce((sum, bit) => sum + bit, 0) ?? 0;

test('scissors take the voxels inside their line, in a slice or through all, and cut them off again', () => {
  const points: Triple[] = [
    [2, 3, 5],
    [8.5, 3, 5],
    [8.5, 7, 5],
    [2, 7, 5],
  ];
  const cut = (through: boolean) => enclosedBy({ points, axis: 2, through }, SIZE);
  expect(cut(false)).toMatchObject({ from: [2, 3, 5], size: [7, 5, 1] });
  expect(count(cut(true))).toBe(16 * count(cut(false)));
  const history = drawn(() => true);
  const region = cut(true);
  if (!region) throw new TypeError('nothing inside');
  history.cut(region, 1);
  expect(history.voxelsOf(1)).toBe(20 * 18 * 16 - count(region));
  history.add(region, 1);
  expect(history.voxelsOf(1)).toBe(20 * 18 * 16);
  expect(history.end()).toBe(undefined);
  expect(
    enclosedBy(
      {
        points: [
          [-9, -9, 5],
          [-5, -9, 5],
          [-5, -5, 5],
        ],
        axis: 2,
        through: false,
      },
      SIZE,
    ),
  ).toBe(undefined);
});

test('scissors across any axis agree with a test of each voxel', () => {
  const ring = (u: number, v: number) => (u - 8) ** 2 + (v - 8) ** 2 < 36;
  const circle = Array.from({ length: 200 }, (_, k) => [8 + 6 * Math.cos(k / 31.83), 8 + 6 * Math.sin(k / 31.83)]);
  for (const axis of [0, 1, 2] as const) {
    const points = circle.map((uv) => uv.toSpliced(axis, 0, 4) as unknown as Triple);
    const expected = drawn((...place) => {
      const [u = 0, v = 0] = place.toSpliced(axis, 1);
      return place[axis] === 4 && ring(u, v);
    });
    const found = enclosedBy({ points, axis, through: false }, SIZE);
    expect(Math.abs(count(found) - expected.voxelsOf(1))).toBeLessThanOrEqual(4);
  }
});

test('a box is filled with what is like its middle, bright or dark', () => {
  const isInside = (i: number) => Math.hypot((i % 20) - 9, (Math.floor(i / 20) % 18) - 9) < 4;
  const box = { from: [3, 3, 5], size: [13, 13, 1] } as const;
  for (const sign of [1, -1]) {
    const values = new Int16Array(20 * 18 * 16).map((_, i) => sign * ((isInside(i) ? 200 : 50) + (i % 7)));
    const filled = fillBox(values, SIZE, box);
    expect(count(filled)).toBe(drawn((x, y, z) => z === 5 && isInside(at(x, y, 0))).voxelsOf(1));
  }
});

test('a signed distance is what a search of all pixels finds', () => {
  const [columns, rows] = [6, 5];
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 30, maxLength: 30 }), (list) => {
      fc.pre(list.includes(1));
      const found = signedDistance(Uint8Array.from(list), { columns, rows, spacing: [1, 2] });
      const bit = (x: number, y: number) => (x < 0 || y < 0 || x >= columns || y >= rows ? 0 : list[x + columns * y]);
      for (const [i, own] of list.entries()) {
        let nearest = Infinity;
        for (let y = -1; y <= rows; y++)
          for (let x = -1; x <= columns; x++)
            if (bit(x, y) !== own)
              nearest = Math.min(nearest, Math.hypot(x - (i % columns), 2 * (y - Math.floor(i / columns))));
        expect(found[i]).toBeCloseTo(own === 1 ? -nearest : nearest, 4);
      }
    }),
    { numRuns: 50 },
  );
});

test('slices between two discs become discs in between; what was drawn stays', () => {
  const disc = (x: number, y: number, radius: number) => Math.hypot(x - 9, y - 9) <= radius;
  const map = drawn((x, y, z) => (z === 2 && disc(x, y, 3)) || (z === 10 && disc(x, y, 7)));
  const filled = fillBetween(map, { value: 1, axis: 2, spacing });
  if (!filled) throw new TypeError('nothing filled');
  map.shape(filled, 1);
  const areas = Array.from({ length: 9 }, (_, k) => map.mask.subarray(at(0, 0, 2 + k), at(0, 0, 3 + k)));
  const voxels = areas.map((slice) => slice.reduce((sum, bit) => sum + bit, 0));
  expect(voxels).toEqual(voxels.toSorted((a, b) => a - b));
  expect(Math.abs((voxels[4] ?? 0) - Math.PI * 5 ** 2)).toBeLessThan(10);
  expect(fillBetween(map, { value: 1, axis: 2, spacing })).toBe(undefined);
  map.end();
  map.undo();
  expect(boxOf(map, 1)).toEqual({ from: [2, 2, 2], size: [15, 15, 9] });
});

test('filled along another axis, a bar between its two ends is whole', () => {
  const bar = (_: number, y: number, z: number) => y > 3 && y < 9 && z > 3 && z < 9;
  const map = drawn((x, y, z) => (x === 4 || x === 12) && bar(x, y, z));
  map.shape(fillBetween(map, { value: 1, axis: 0, spacing }) as Region, 1);
  expect(map.mask).toEqual(drawn((x, y, z) => x >= 4 && x <= 12 && bar(x, y, z)).mask);
});

test('a slice is copied to the next, besides what is there, and not beyond the last', () => {
  const map = drawn((x, y, z) => (z === 15 && x < 3) || (z === 14 && y === 0));
  map.add(copySlice(map, { value: 1, axis: 2, from: 15, to: 14 }) as Region, 1);
  expect(map.mask).toEqual(drawn((x, y, z) => (z >= 14 && x < 3) || (z === 14 && y === 0)).mask);
  expect(copySlice(map, { value: 1, axis: 2, from: 15, to: 16 })).toBe(undefined);
});

test('smoothing takes a spike away, fills a hole and leaves a ball about as large', () => {
  const ball = drawn((x, y, z) => Math.hypot(x - 9, y - 9, 2 * (z - 8)) < 6.5);
  const before = ball.voxelsOf(1);
  ball.paint([[at(9, 9, 8), at(10, 9, 8)]], 0);
  ball.paint([[at(16, 9, 8), at(18, 9, 8)]], 1);
  ball.shape(smooth(ball, { value: 1, sigmaMm: 1, spacing }) as Region, 1);
  expect(ball.mask[at(9, 9, 8)]).toBe(1);
  expect(ball.mask[at(17, 9, 8)]).toBe(0);
  expect(Math.abs(ball.voxelsOf(1) - before) / before).toBeLessThan(0.12);
});

test('of parts the largest is kept, or those that are large enough', () => {
  const cube = (from: number, n: number) => (x: number, y: number, z: number) =>
    [x, y, z].every((v) => v >= from && v < from + n);
  const map = drawn((...place) => [cube(0, 2), cube(4, 3), cube(9, 1)].some((isInside) => isInside(...place)));
  expect(count(largestPart(map, 1))).toBe(27);
  expect(count(withoutSmallParts(map, 1, 8))).toBe(35);
  map.shape(largestPart(map, 1) as Region, 1);
  expect(map.voxelsOf(1)).toBe(27);
  expect(largestPart(map, 2)).toBe(undefined);
});
