import { expect, test } from 'vitest';
import { createAffine } from './affine.ts';
import { createVolume, spacingMm } from './volume.ts';

test('measures spacing along oblique axes', () => {
  const voxelToLps = createAffine('voxel', 'lps', [0, -4, 0, 1, 3, 0, 0, 2, 0, 3, 5, 3, 0, 0, 0, 1]);
  expect(spacingMm({ voxelToLps })).toEqual([3, 5, 5]);
});

test('refuses voxels that do not fill the size, and sizes that are none', () => {
  const voxels = new Uint8Array(7);
  expect(() => createVolume({ voxels, size: [2, 2, 2] })).toThrow(
    'SHAPE_MISMATCH: voxels of a 2x2x2x1x1 volume, got 7, expected 8',
  );
  expect(() => createVolume({ voxels, size: [7, 0, 1] })).toThrow('INVALID_ARGUMENT');
});
