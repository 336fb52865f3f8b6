import { expect, test } from 'vitest';
import {
  type GoldenCase,
  type GoldenTensor,
  goldenValues,
  readGolden,
  relativeError,
} from '../../../../golden/read-golden.ts';
import { bytesOf, voxelTypeOf } from '../voxel-type.ts';
import { readNifti, readNiftiHeader } from './read-nifti.ts';
import { writeNifti } from './write-nifti.ts';

const golden = readGolden('volume/nifti');
const bytes = (tensor: GoldenTensor | undefined): Uint8Array => goldenValues(tensor as GoldenTensor) as Uint8Array;

test.each(golden.cases)('reads $name as nibabel does', async ({ inputs, expected, options }: GoldenCase) => {
  const file = bytes(inputs.file);
  const volume = await readNifti(file);
  expect(volume.size).toEqual(Array.from(goldenValues(expected.size as GoldenTensor)));
  const affine = goldenValues(expected.affine as GoldenTensor) as Float64Array;
  expect(relativeError(volume.voxelToLps.matrix, affine)).toBeLessThan(golden.tolerance);
  expect(voxelTypeOf(volume.voxels)).toBe(options.dtype);
  expect(Buffer.compare(bytesOf(volume.voxels), bytes(expected.voxels))).toBe(0);
  expect(volume.timePoints).toBe(options.timePoints ?? 1);
  expect(volume.timeStepSeconds).toBe(options.timeStepSeconds ?? 0);
  expect((await readNiftiHeader(file)).voxelToLps).toEqual(volume.voxelToLps);
});

test.each(golden.cases)('writes $name so that it reads the same', async ({ inputs }: GoldenCase) => {
  const volume = await readNifti(bytes(inputs.file));
  for (const options of [{ version: 1 }, { version: 2 }, { gzip: false }] as const) {
    const again = await readNifti(await writeNifti(volume, options));
    const { voxelToLps, ...rest } = again;
    const { voxelToLps: written, ...expected } = volume;
    expect(rest).toEqual(expected);
    const affineTolerance = options.version === 2 ? 1e-12 : 1e-6;
    expect(relativeError(voxelToLps.matrix, written.matrix)).toBeLessThan(affineTolerance);
  }
});
