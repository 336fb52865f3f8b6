import { createAffine, createVolume, reorient, sameGrid, type VoxelArray } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { buildSeries } from './build-series.ts';
import { readSeries } from './read-series.ts';

const SIZE = [3, 4, 5] as const;
const voxelToLps = createAffine('voxel', 'lps', [0, 1.2, 0, 7.25, 0.8, 0, 0, -30, 0, 0, -2, 100.5, 0, 0, 0, 1]);

async function roundTrip(voxels: VoxelArray, timePoints = 1) {
  const volume = createVolume({
    voxels,
    size: SIZE,
    voxelToLps,
    timePoints,
    timeStepSeconds: timePoints > 1 ? 1.5 : 0,
  });
  const instances = buildSeries(volume, { modality: 'MR', subject: { PatientID: 'P1' } });
  const files = await Promise.all(
    instances.toReversed().map(async (one) => readDicom(await writeDicom(createDicomFile(one)))),
  );
  const { volumes, refused } = await readSeries(files);
  expect(refused).toEqual([]);
  expect(volumes).toHaveLength(1);
  const [back] = volumes as [(typeof volumes)[0]];
  // Slices come back along their normal, whichever way they were stacked.
  return { volume: reorient(volume, 'LPS'), back: reorient(back.volume, 'LPS') };
}

test('integers come back as they were, on the same grid', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(Uint8Array, Int16Array, Uint16Array, Int32Array),
      fc.integer(),
      async (Type, seed) => {
        const { volume, back } = await roundTrip(
          new Type(Array.from({ length: 60 }, (_, i) => ((i * 2654435761 + seed) >>> 0) % 30_000)),
        );
        expect(sameGrid(volume, back)).toBe(true);
        expect([...back.voxels]).toEqual([...volume.voxels]);
      },
    ),
    { numRuns: 12 },
  );
});

test('fractions come back within half a step of 65,536', async () => {
  const { volume, back } = await roundTrip(Float32Array.from({ length: 60 }, (_, i) => Math.sin(i) * 1000));
  for (const [i, value] of [...volume.voxels].entries())
    expect(Math.abs(Number(back.voxels[i]) - Number(value))).toBeLessThan(2000 / 65_536);
});

test('time points come back with their step', async () => {
  const { volume, back } = await roundTrip(
    Int16Array.from({ length: 120 }, (_, i) => i - 60),
    2,
  );
  expect(back).toMatchObject({ timePoints: 2, timeStepSeconds: 1.5 });
  expect([...back.voxels]).toEqual([...volume.voxels]);
});

test('refuses what it cannot store', () => {
  const size = [1, 1, 1] as const;
  expect(() => buildSeries(createVolume({ voxels: Float32Array.of(Number.NaN), size }))).toThrow('NOT_FINITE');
  expect(() => buildSeries(createVolume({ voxels: new Uint8Array(3), size, components: 3 }))).toThrow(
    'FILE_UNSUPPORTED',
  );
});
