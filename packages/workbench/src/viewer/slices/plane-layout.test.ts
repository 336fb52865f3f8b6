import { affineFromSpacing, createAffine } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { acquisitionPlane, pixelToVoxel, planeLayout, voxelToPixel } from './plane-layout.ts';
import { readPlane } from './read-plane.ts';

const size = [4, 3, 2] as const;
const straight = { size, voxelToLps: affineFromSpacing([1, 2, 5]) };
/** A sagittal acquisition: x of the voxels to the back, y downwards, slices to the left. */
const sagittal = {
  size,
  voxelToLps: createAffine('voxel', 'lps', [0, 0, 3, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1]),
};

test('an axial acquisition is shown as it is stored, with left to the right and the back below', () => {
  const layout = planeLayout(straight, 'axial');
  expect(layout).toMatchObject({ axis: 2, right: 0, down: 1, flipRight: false, flipDown: false, pixelMm: [1, 2] });
  expect(layout.letters).toEqual(['R', 'L', 'A', 'P']);
});

test('across it, the head is at the top', () => {
  expect(planeLayout(straight, 'coronal')).toMatchObject({ axis: 1, flipDown: true, letters: ['R', 'L', 'H', 'F'] });
  expect(planeLayout(straight, 'sagittal')).toMatchObject({ axis: 0, flipDown: true, letters: ['A', 'P', 'H', 'F'] });
});

test('a sagittal acquisition is named so, and its planes have the same letters', () => {
  expect(acquisitionPlane(sagittal)).toBe('sagittal');
  expect(planeLayout(sagittal, 'sagittal')).toMatchObject({ axis: 2, letters: ['A', 'P', 'H', 'F'] });
  expect(planeLayout(sagittal, 'axial').letters).toEqual(['R', 'L', 'A', 'P']);
});

test('pixels of every plane lead to the voxels that are painted there', () => {
  const frames = [0, 1].map((z) => ({
    columns: 4,
    rows: 3,
    isColor: false,
    values: Int16Array.from({ length: 12 }, (_, i) => i + 12 * z),
  }));
  for (const grid of [straight, sagittal])
    for (const plane of ['axial', 'sagittal', 'coronal'] as const) {
      const layout = planeLayout(grid, plane);
      for (let slice = 0; slice < layout.slices; slice++) {
        const values = readPlane({ layout, slice, frameAt: (z) => frames[z] });
        for (let row = 0; row < layout.rows; row++)
          for (let column = 0; column < layout.columns; column++) {
            const voxel = pixelToVoxel(layout, [column, row], slice);
            expect(values?.[row * layout.columns + column]).toBe(voxel[0] + 4 * (voxel[1] + 3 * voxel[2]));
            expect(voxelToPixel(layout, voxel)).toEqual([column, row]);
          }
      }
    }
});
