import { expect, test } from 'vitest';
import { guidanceChannels, writeGuidance } from './guidance.ts';

const grid = { size: [3, 2, 1], spacingMm: [1, 2, 1], classes: 2, sigmaMm: 1 } as const;
const written = (guidance: Parameters<typeof writeGuidance>[1]): number[] => {
  const into = new Float32Array(guidanceChannels(grid.classes) * 6);
  writeGuidance(into, guidance, grid);
  return [...into];
};

test('draws a Gaussian of millimetres about each click, in the map of its class', () => {
  const maps = written({ clicks: [{ voxel: [0, 0, 0], classNumber: 1 }] });
  const expected = [0, -0.5, -2, -2, -2.5, -4].map(Math.exp);
  expect(maps.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0]);
  for (const [i, value] of expected.entries()) expect(maps[6 + i]).toBeCloseTo(value, 6);
  expect(maps.slice(12)).toEqual(Array.from({ length: 12 }, () => 0));
});

test('keeps the nearer of two clicks of a class', () => {
  const both = written({
    clicks: [
      { voxel: [0, 0, 0], classNumber: 0 },
      { voxel: [2, 0, 0], classNumber: 0 },
    ],
  });
  expect(both[0]).toBe(1);
  expect(both[2]).toBe(1);
  expect(both[1]).toBeCloseTo(Math.exp(-0.5), 6);
});

test('tells the previous map class by class', () => {
  const maps = written({ clicks: [], previous: [0, 1, 1, 0, 0, 1] });
  expect(maps.slice(0, 12).every((value) => value === 0)).toBe(true);
  expect(maps.slice(12)).toEqual([1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1]);
});
