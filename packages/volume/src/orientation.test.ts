import { expect, test } from 'vitest';
import {
  type GoldenCase,
  type GoldenTensor,
  goldenValues,
  readGolden,
  relativeError,
} from '../../../golden/read-golden.ts';
import { createAffine } from './affine.ts';
import { axisCodes, reorient } from './orientation.ts';
import { createVolume, type Triple } from './volume.ts';

const golden = readGolden('volume/orientation');
const numbers = (tensor: GoldenTensor | undefined): number[] => Array.from(goldenValues(tensor as GoldenTensor));

test.each(golden.cases)('turns $name as nibabel does', ({ inputs, expected, options }: GoldenCase) => {
  const volume = createVolume({
    voxels: Int16Array.from(numbers(inputs.voxels)),
    size: options.size as unknown as Triple,
    voxelToLps: createAffine('voxel', 'lps', numbers(inputs.affine)),
  });
  expect(axisCodes(volume)).toBe(options.codes);
  const turned = reorient(volume, options.wanted as string);
  expect(Array.from(turned.voxels)).toEqual(numbers(expected.voxels));
  expect(turned.size).toEqual(numbers(expected.size));
  expect(relativeError(turned.voxelToLps.matrix, numbers(expected.affine))).toBeLessThan(golden.tolerance);
  expect(axisCodes(turned)).toBe(options.wanted);
  expect(reorient(turned, options.codes as string).voxels).toEqual(volume.voxels);
});

test('keeps time points and components together, for 64-bit integers too', () => {
  const voxels = BigInt64Array.from({ length: 2 * 3 * 2 * 2 }, (_, index) => BigInt(index));
  const volume = createVolume({ voxels, size: [2, 3, 1], timePoints: 2, components: 2 });
  const turned = reorient(volume, 'PRS');
  expect(Array.from(turned.voxels.subarray(0, 6), Number)).toEqual([1, 3, 5, 0, 2, 4]);
  expect(Array.from(turned.voxels.subarray(18), Number)).toEqual([19, 21, 23, 18, 20, 22]);
});

test.each(['LPX', 'LR', 'LRS', ''])('refuses the axis codes "%s"', (codes) => {
  const volume = createVolume({ voxels: new Uint8Array(1), size: [1, 1, 1] });
  expect(() => reorient(volume, codes)).toThrow('INVALID_ARGUMENT');
});
