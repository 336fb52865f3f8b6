import { expect, test } from 'vitest';
import type { LabelMap } from '../post-processing/label-map.ts';
import { simulateClicks } from './simulate-clicks.ts';

const SIZE = [9, 9, 9] as const;
const at = (x: number, y: number, z: number): number => x + 9 * (y + 9 * z);

function cubes(...boxes: readonly { low: number; high: number; value: number }[]): LabelMap<Uint8Array> {
  const voxels = new Uint8Array(9 ** 3);
  for (const { low, high, value } of boxes)
    for (let z = low; z < high; z++)
      for (let y = low; y < high; y++) for (let x = low; x < high; x++) voxels[at(x, y, z)] = value;
  return { voxels, size: SIZE, spacingMm: [1, 1, 1] };
}

test('clicks the middle of the largest error and gives its true class', () => {
  const truth = cubes({ low: 0, high: 3, value: 1 }, { low: 4, high: 9, value: 2 });
  expect(simulateClicks(new Uint8Array(9 ** 3), truth)).toEqual([{ voxel: [6, 6, 6], classNumber: 2 }]);
  expect(simulateClicks(new Uint8Array(9 ** 3), truth, 5)).toEqual([
    { voxel: [6, 6, 6], classNumber: 2 },
    { voxel: [1, 1, 1], classNumber: 1 },
  ]);
});

test('says background where too much was found', () => {
  const truth = cubes();
  const { voxels } = cubes({ low: 2, high: 5, value: 1 });
  expect(simulateClicks(voxels, truth)).toEqual([{ voxel: [3, 3, 3], classNumber: 0 }]);
});

test('takes the edge of the image for the edge of an error', () => {
  const truth = cubes({ low: 0, high: 9, value: 1 });
  expect(simulateClicks(new Uint8Array(9 ** 3), truth)).toEqual([{ voxel: [4, 4, 4], classNumber: 1 }]);
});

test('works on a flat image', () => {
  const truth: LabelMap = { voxels: Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 1), size: [3, 3, 1], spacingMm: [1, 1, 5] };
  expect(simulateClicks(new Uint8Array(9), truth)).toEqual([{ voxel: [1, 1, 0], classNumber: 1 }]);
});

test('has nothing to say where nothing is wrong', () => {
  const truth = cubes({ low: 1, high: 4, value: 1 });
  expect(simulateClicks(truth.voxels, truth, 3)).toEqual([]);
});
