import { affineFromSpacing, createVolume, writeNifti, writeNrrd } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { centroidsOf, readLabelMap, segmentsOf } from './label-map.ts';

const GRID = { size: [4, 3, 2], voxelToLps: affineFromSpacing([1, 1, 2], [5, 6, 7]) } as const;
const MASK = Uint8Array.from({ length: 24 }, (_, i) => (i % 5 === 0 ? 2 : 0));

test('reads label maps as NIfTI, NRRD and bare bytes', async () => {
  const volume = createVolume({ ...GRID, voxels: MASK });
  const asFloats = createVolume({ ...GRID, voxels: Float32Array.from(MASK) });
  for (const [name, bytes] of [
    ['a.nii.gz', await writeNifti(volume)],
    ['a.nii', await writeNifti(asFloats, { gzip: false })],
    ['a.nrrd', await writeNrrd(volume)],
    ['label.bin', MASK],
  ] as const)
    expect(await readLabelMap({ name, bytes }, GRID)).toEqual(MASK);
});

test('a label map on another grid is put on that of its image', async () => {
  // The same place, axes turned.
  const flipped = { size: GRID.size, voxelToLps: affineFromSpacing([1, 1, 2], [5, 6, 7]) };
  const wide = createVolume({ ...flipped, size: [5, 3, 2], voxels: new Uint8Array(30).fill(1) });
  expect(await readLabelMap({ name: 'a.nrrd', bytes: await writeNrrd(wide) }, GRID)).toEqual(
    new Uint8Array(24).fill(1),
  );
});

test('refuses bytes that do not fill the grid, and values that are no labels', async () => {
  await expect(readLabelMap({ name: 'a.bin', bytes: new Uint8Array(23) }, GRID)).rejects.toMatchObject({
    code: 'GEOMETRY_MISMATCH',
  });
  const volume = createVolume({ ...GRID, voxels: new Int16Array(24).fill(300) });
  const bytes = await writeNifti(volume);
  await expect(readLabelMap({ name: 'a.nii.gz', bytes }, GRID)).rejects.toMatchObject({ code: 'LABEL_OUT_OF_RANGE' });
});

test('classes are named by the client, else by the project, else by number', () => {
  const known = [{ value: 1, name: 'Liver', color: '#112233' }];
  const mask = Uint8Array.of(0, 1, 2, 3);
  const named = segmentsOf(mask, [{ name: 'liver', idx: 2 }, { name: 'new' }], known);
  expect(named.map(({ value, name }) => [value, name])).toEqual([
    [1, 'Liver'],
    [2, 'new'],
    [3, 'label 3'],
  ]);
  expect(segmentsOf(mask, [{ name: 'Liver', idx: 2 }], known).find(({ value }) => value === 2)?.color).toBe('#112233');
  for (const { color } of segmentsOf(mask, undefined)) expect(color).toMatch(/^#[0-9a-f]{6}$/);
});

test('centroids are mean places', () => {
  expect(centroidsOf(Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 1), [2, 2, 2]).get(1)).toEqual([1, 1, 1]);
});
