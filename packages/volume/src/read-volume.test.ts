import { expect, test } from 'vitest';
import { affineFromSpacing } from './affine.ts';
import { readVolume, writeVolume } from './read-volume.ts';
import { createVolume } from './volume.ts';

const volume = createVolume({
  voxels: Int16Array.from({ length: 24 }, (_, index) => index - 9),
  size: [2, 3, 4],
  voxelToLps: affineFromSpacing([0.5, 1, 2], [-8, 4, 16]),
});

test.each(['a.nii', 'b.NII.GZ', 'c.nrrd'])('reads back what it wrote as %s', async (name) => {
  expect(await readVolume(await writeVolume(volume, name), name)).toEqual(volume);
});

test('refuses other extensions', async () => {
  await expect(readVolume(new Uint8Array(9), 'a.mha')).rejects.toMatchObject({ code: 'FILE_UNSUPPORTED' });
  await expect(writeVolume(volume, 'a.dcm')).rejects.toMatchObject({ code: 'FILE_UNSUPPORTED' });
});
