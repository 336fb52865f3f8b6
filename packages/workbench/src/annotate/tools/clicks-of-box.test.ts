import { expect, test } from 'vitest';
import { clicksOfBox } from './clicks-of-box.ts';

test('a box tells its middle as the class and what lies just outside its sides as background', () => {
  const clicks = clicksOfBox({ from: [2, 4, 3], size: [5, 3, 1] }, { axis: 2, value: 7, size: [20, 20, 20] });
  expect(clicks).toEqual([
    { voxel: [4, 5, 3], value: 7 },
    { voxel: [1, 5, 3], value: 0 },
    { voxel: [7, 5, 3], value: 0 },
    { voxel: [4, 3, 3], value: 0 },
    { voxel: [4, 7, 3], value: 0 },
  ]);
});

test('beyond the edge of the map nothing is told', () => {
  const clicks = clicksOfBox({ from: [0, 0, 3], size: [20, 3, 1] }, { axis: 2, value: 1, size: [20, 20, 20] });
  expect(clicks.map(({ voxel }) => voxel)).toEqual([
    [10, 1, 3],
    [10, 3, 3],
  ]);
});
