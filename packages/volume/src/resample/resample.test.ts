import { expect, test } from 'vitest';
import {
  type GoldenCase,
  type GoldenTensor,
  goldenValues,
  readGolden,
  relativeError,
} from '../../../../golden/read-golden.ts';
import { affineFromSpacing, createAffine } from '../affine.ts';
import { createVolume, spacingMm, type Triple, type VoxelArray } from '../volume.ts';
import { resample } from './resample.ts';
import { gridWithSpacing, resampleToSpacing } from './resample-to-spacing.ts';
import type { Interpolation } from './taps.ts';

const golden = readGolden('volume/resample');
const values = (tensor: GoldenTensor | undefined) => goldenValues(tensor as GoldenTensor);

test.each(golden.cases)('gives what scipy gives: $name', ({ inputs, expected, options }: GoldenCase) => {
  const volume = createVolume({
    voxels: values(inputs.voxels) as VoxelArray,
    size: options.size as unknown as Triple,
    voxelToLps: createAffine('voxel', 'lps', values(inputs.source)),
  });
  const grid = {
    size: options.targetSize as unknown as Triple,
    voxelToLps: createAffine('voxel', 'lps', values(inputs.target)),
    interpolation: options.interpolation as Interpolation,
  };
  const edge = resample(volume, { ...grid, outside: 'edge' }).voxels as Float32Array;
  const single = edge instanceof Float32Array;
  expect(relativeError(edge, values(expected.edge))).toBeLessThan(single ? golden.tolerance : 1e-10);
  const outside = values(expected.outside);
  const filled = Float64Array.from(edge, (value, index) => (outside[index] ? -7 : value));
  expect(relativeError(resample(volume, { ...grid, outside: -7 }).voxels as Float32Array, filled)).toBe(0);
});

const spacings = readGolden('volume/spacing');

test.each(spacings.cases)(
  'resamples spacing $name over the same box as nnU-Net',
  ({ inputs, expected, options }: GoldenCase) => {
    const volume = createVolume({
      voxels: values(inputs.voxels) as Float64Array,
      size: options.size as unknown as Triple,
      voxelToLps: affineFromSpacing(options.spacing as unknown as Triple),
    });
    const result = resampleToSpacing(volume, options.wanted as unknown as Triple, 'linear');
    expect(result.size).toEqual(Array.from(values(expected.size)));
    expect(relativeError(result.voxels, values(expected.voxels))).toBeLessThan(spacings.tolerance);
    const box = (v: typeof result) => spacingMm(v).map((mm, axis) => mm * (v.size[axis] as number));
    expect(relativeError(box(result), box(volume as typeof result))).toBeLessThan(1e-12);
  },
);

const centres = readGolden('volume/monai-spacing');

test.each(centres.cases)('keeps centres as MONAI: $name', ({ inputs, expected, options }: GoldenCase) => {
  const volume = createVolume({
    voxels: values(inputs.voxels) as Float64Array,
    size: options.size as unknown as Triple,
    voxelToLps: createAffine('voxel', 'lps', values(inputs.affine)),
  });
  const grid = gridWithSpacing(volume, options.wanted as unknown as Triple, 'centres');
  expect(grid.size).toEqual(Array.from(values(expected.size)));
  expect(relativeError(grid.voxelToLps.matrix, values(expected.affine))).toBeLessThan(1e-12);
  const interpolation = options.interpolation as Interpolation;
  const { voxels } = resample(volume, { ...grid, interpolation, outside: 'edge' });
  expect(relativeError(voxels as Float64Array, values(expected.voxels))).toBeLessThan(centres.tolerance);
});

test('keeps the first centre and the exact spacing where centres are asked for', () => {
  const volume = createVolume({
    voxels: new Uint8Array(60),
    size: [5, 4, 3],
    voxelToLps: affineFromSpacing([1, 2, 3], [7, 8, 9]),
  });
  const grid = gridWithSpacing(volume, [2, 1, 2], 'centres');
  expect(grid.size).toEqual([3, 7, 4]);
  expect(grid.voxelToLps).toEqual(affineFromSpacing([2, 1, 2], [7, 8, 9]));
});

test('keeps type, time points and components of nearest neighbours', () => {
  const voxels = BigInt64Array.from([1n, 2n, 3n, 4n, 2n ** 60n + 1n, 6n, 7n, -8n]);
  const volume = createVolume({ voxels, size: [2, 1, 1], timePoints: 2, components: 2 });
  const grid = { size: [4, 1, 1] as Triple, voxelToLps: affineFromSpacing([0.5, 1, 1], [-0.25, 0, 0]) };
  const result = resample(volume, { ...grid, interpolation: 'nearest' });
  expect(Array.from(result.voxels)).toEqual([
    1n,
    1n,
    2n,
    2n,
    3n,
    3n,
    4n,
    4n,
    2n ** 60n + 1n,
    2n ** 60n + 1n,
    6n,
    6n,
    7n,
    7n,
    -8n,
    -8n,
  ]);
});

test('gives the volume itself on its own grid', () => {
  const voxels = Float32Array.from({ length: 60 }, (_, index) => Math.sin(index));
  const volume = createVolume({ voxels, size: [5, 4, 3], voxelToLps: affineFromSpacing([1, 2, 3]) });
  for (const interpolation of ['nearest', 'linear', 'cubic'] as const) {
    expect(resample(volume, { ...volume, interpolation }).voxels).toEqual(voxels);
  }
});

test('takes a volume of a single slice', () => {
  const volume = createVolume({ voxels: Int16Array.of(1, 2, 3, 4), size: [2, 2, 1] });
  const grid = { size: [2, 2, 3] as Triple, voxelToLps: affineFromSpacing([1, 1, 1], [0, 0, -1]) };
  for (const interpolation of ['nearest', 'linear', 'cubic'] as const) {
    const { voxels } = resample(volume, { ...grid, interpolation });
    expect(Array.from(voxels as Float32Array, (v) => Math.round(v * 1e4) / 1e4)).toEqual([
      0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0,
    ]);
  }
});
