import { expect, test } from 'vitest';
import { affineFromSpacing, createAffine } from './affine.ts';
import { assertSameGrid, sameGrid } from './same-grid.ts';
import type { Grid } from './volume.ts';

const grid: Grid = { size: [100, 50, 20], voxelToLps: affineFromSpacing([1, 2, 3], [5, 6, 7]) };
const withAffine = (voxelToLps: Grid['voxelToLps']): Grid => ({ ...grid, voxelToLps });

test('takes grids within the tolerance at every voxel for the same', () => {
  expect(sameGrid(grid, withAffine(affineFromSpacing([1, 2, 3], [5, 6, 7.0009])))).toBe(true);
  expect(sameGrid(grid, withAffine(affineFromSpacing([1.00002, 2, 3], [5, 6, 7])))).toBe(false);
  expect(sameGrid(grid, withAffine(affineFromSpacing([1.00002, 2, 3], [5, 6, 7])), 0.01)).toBe(true);
});

const turned = createAffine('voxel', 'lps', [0, 2, 0, 5, 1, 0, 0, 6, 0, 0, 3, 7, 0, 0, 0, 1]);
test.each([
  ['size in voxels', { ...grid, size: [100, 50, 21] as const }],
  ['voxel spacing', withAffine(affineFromSpacing([1, 2, 2.5], [5, 6, 7]))],
  ['directions of the voxel axes', withAffine(turned)],
  ['origin', withAffine(affineFromSpacing([1, 2, 3], [5, 6, 8]))],
])('says when the %s differs', (what, other) => {
  expect(() => assertSameGrid(grid, other, { file: 'label.nii' })).toThrow(
    new RegExp(`GEOMETRY_MISMATCH: ${what}.*label.nii`),
  );
  expect(() => assertSameGrid(grid, grid)).not.toThrow();
});
