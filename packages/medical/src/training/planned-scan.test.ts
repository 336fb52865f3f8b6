import { affineFromSpacing, createVolume, type Triple } from '@vesalius/volume';
import { expect, test } from 'vitest';
import type { TrainingPlan } from '../planning/training-plan.ts';
import { plannedScan } from './planned-scan.ts';
import { prepareSample } from './prepare-sample.ts';

const size: Triple = [8, 7, 6];
const grid = { size, voxelToLps: affineFromSpacing([1, 1, 1], [-4, 2, 9]) };
const why = '';
const plan = (value: boolean) =>
  ({
    orientation: { value: 'LPS', why },
    targetSpacingMm: { value: [1, 1, 1], why },
    cropForeground: { value, why },
    normalization: { value: [1, 2].map(() => ({ kind: 'ct', clip: [0, 9], mean: 0, standardDeviation: 1 })), why },
    classes: [0, 3].map((each) => ({ value: each, name: `${each}` })),
  }) as unknown as TrainingPlan;

/** 0 but for one voxel. */
function spot([x, y, z]: Triple, value: number) {
  const voxels = new Float32Array(size[0] * size[1] * size[2]);
  voxels[(z * size[1] + y) * size[0] + x] = value;
  return createVolume({ voxels, ...grid });
}

test('cuts to the box of all channels together, and puts maps back where they were', () => {
  const scan = plannedScan([spot([2, 3, 4], 5), spot([6, 1, 4], 7)], plan(true));
  expect(scan.channels.map((volume) => volume.size)).toEqual([
    [5, 3, 1],
    [5, 3, 1],
  ]);
  const map = spot([3, 2, 4], 1);
  const cut = scan.cut(map);
  expect(cut.size).toEqual([5, 3, 1]);
  expect(cut.voxels.indexOf(1)).toBe(1 * 5 + 1);
  const back = scan.whole(cut);
  expect(back.voxels).toEqual(map.voxels);
  expect(back.voxelToLps).toEqual(map.voxelToLps);
});

test('leaves a scan alone where the plan does, and one that is empty', () => {
  expect(plannedScan([spot([2, 3, 4], 5)], plan(false)).channels[0]?.size).toEqual(size);
  expect(plannedScan([spot([2, 3, 4], 0)], plan(true)).channels[0]?.size).toEqual(size);
});

test('a sample is cut with its label', () => {
  const channels = [spot([2, 3, 4], 5), spot([6, 1, 4], 7)];
  const { images, labels } = prepareSample({ channels, label: spot([3, 2, 4], 3) }, plan(true));
  expect(images['image']?.shape).toEqual([2, 1, 3, 5]);
  expect(images['image']?.data.indexOf(5)).toBe(2 * 5);
  expect(labels['label']?.data.indexOf(1)).toBe(1 * 5 + 1);
});
