import { expect, test } from 'vitest';
import { affineFromSpacing } from '../affine.ts';
import { createVolume, type Triple } from '../volume.ts';
import { resampleLabels } from './resample-labels.ts';

const line = createVolume({ voxels: Uint8Array.of(1, 1, 7, 7, 3), size: [5, 1, 1] });
const finer = { size: [10, 1, 1] as Triple, voxelToLps: affineFromSpacing([0.5, 1, 1], [-0.25, 0, 0]) };

test.each(['nearest', 'linear'] as const)('never makes a label between two others (%s)', (method) => {
  expect(resampleLabels(line, { ...finer, method }).voxels).toEqual(Uint8Array.of(1, 1, 1, 1, 7, 7, 7, 7, 3, 3));
});

test('takes the lower label at a draw', () => {
  const between = { size: [1, 1, 1] as Triple, voxelToLps: affineFromSpacing([1, 1, 1], [1.5, 0, 0]) };
  expect(resampleLabels(line, between).voxels).toEqual(Uint8Array.of(1));
});

test('puts the label for outside where the source ends', () => {
  const wider = { size: [7, 1, 1] as Triple, voxelToLps: affineFromSpacing([1, 1, 1], [-1, 0, 0]) };
  expect(resampleLabels(line, { ...wider, outside: 9 }).voxels).toEqual(Uint8Array.of(9, 1, 1, 7, 7, 3, 9));
  const big = { ...line, voxels: BigInt64Array.of(1n, 1n, 7n, 7n, 3n) };
  expect(resampleLabels(big, { ...wider, outside: 9 }).voxels).toEqual(BigInt64Array.of(9n, 1n, 1n, 7n, 7n, 3n, 9n));
});

test('smooths a border where nearest leaves steps', () => {
  const size: Triple = [8, 8, 1];
  const voxels = Uint8Array.from({ length: 64 }, (_, index) => ((index % 8) + Math.floor(index / 8) > 7 ? 1 : 0));
  const grid = { size: [32, 32, 1] as Triple, voxelToLps: affineFromSpacing([0.25, 0.25, 1], [-0.375, -0.375, 0]) };
  const stepped = resampleLabels(createVolume({ voxels, size }), { ...grid, method: 'nearest' }).voxels;
  const smooth = resampleLabels(createVolume({ voxels, size }), grid).voxels;
  const error = (labels: Uint8Array): number =>
    labels.reduce((sum, label, i) => {
      const [x, y] = [((i % 32) - 1.5) / 4, (Math.floor(i / 32) - 1.5) / 4];
      return sum + Math.abs(label - (x + y > 7.5 ? 1 : 0));
    }, 0);
  expect(error(smooth)).toBeLessThan(error(stepped));
});
