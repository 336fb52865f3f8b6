import { applyAffine, spacingMm } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { createDataSet, type DataSetRecord } from '../objects/create-data-set.ts';
import { createDicomFile } from '../part10/write-dicom.ts';
import { readSeries } from './read-series.ts';

const ROOT = '1.2.826.0.1.3680043.10.543.9';
const [COLUMNS, ROWS] = [4, 3];

/** An instance whose pixels are all its number. */
function slice(number: number, changes: DataSetRecord = {}) {
  const dataSet = createDataSet({
    SOPInstanceUID: `${ROOT}.3.${number}`,
    SeriesInstanceUID: `${ROOT}.2`,
    FrameOfReferenceUID: `${ROOT}.4`,
    ImagePositionPatient: [5, 6, 2.5 * number],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    PixelSpacing: [2, 1],
    InstanceNumber: number,
    Rows: ROWS,
    Columns: COLUMNS,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    RescaleSlope: 1,
    RescaleIntercept: -1024,
    PixelData: new Uint16Array(ROWS * COLUMNS).fill(number),
    ...changes,
  });
  return createDicomFile(dataSet);
}

const reasons = async (files: ReturnType<typeof slice>[]): Promise<string[]> =>
  (await readSeries(files)).refused.map(({ reason }) => reason.message);

test('sorts slices by their place, rescales them, and gives the place of each voxel', async () => {
  const { volumes, refused } = await readSeries([3, 1, 2].map((number) => slice(number)));
  expect(refused).toEqual([]);
  expect(volumes).toHaveLength(1);
  const [{ volume, seriesInstanceUid }] = volumes as [(typeof volumes)[0]];
  expect(seriesInstanceUid).toBe(`${ROOT}.2`);
  expect(volume.voxels).toEqual(Int16Array.from({ length: 36 }, (_, i) => Math.floor(i / 12) + 1 - 1024));
  expect([...applyAffine(volume.voxelToLps, [1, 2, 1])]).toEqual([6, 10, 5]);
  expect(spacingMm(volume)).toEqual([1, 2, 2.5]);
});

test('sagittal slices that run the other way are sorted along their normal', async () => {
  const sagittal = (number: number) =>
    slice(number, { ImageOrientationPatient: [0, 1, 0, 0, 0, -1], ImagePositionPatient: [3 * number, 0, 0] });
  const { volumes } = await readSeries([1, 2, 3].map(sagittal));
  expect(volumes[0]?.volume.voxels[0]).toBe(3 - 1024);
  expect([...applyAffine(volumes[0]?.volume.voxelToLps as never, [0, 0, 2])]).toEqual([3, 0, 0]);
});

test('parts orientations, echoes and series', async () => {
  const turned = { ImageOrientationPatient: [0, 1, 0, 0, 0, -1], ImagePositionPatient: [0, 0, 0] };
  const files = [
    slice(1),
    slice(2),
    slice(3, turned),
    slice(4, { EchoTime: 80 }),
    slice(5, { SeriesInstanceUID: '1.2' }),
  ];
  const { volumes, refused } = await readSeries(files);
  expect(refused).toEqual([]);
  expect(volumes.map(({ frames }) => frames.length)).toEqual([2, 1, 1, 1]);
});

test('several slices at each place are time points, in the order of their time', async () => {
  const at = (number: number, z: number, TriggerTime: number) =>
    slice(number, { ImagePositionPatient: [0, 0, z], TriggerTime });
  const { volumes } = await readSeries([at(1, 0, 50), at(2, 0, 0), at(3, 4, 52), at(4, 4, 2)]);
  expect(volumes[0]).toMatchObject({ timeAxis: 'TriggerTime', volume: { timePoints: 2, timeStepSeconds: 0.05 } });
  expect(volumes[0]?.frames.map(({ dataSet }) => dataSet.number('InstanceNumber'))).toEqual([2, 4, 1, 3]);
});

test('acquisitions of different length are parted', async () => {
  const files = [1, 2, 3].map((number) => slice(number, { AcquisitionNumber: 1 }));
  const more = [1, 2].map((number) => slice(number, { AcquisitionNumber: 2, SOPInstanceUID: `1.2.${number}` }));
  expect((await readSeries([...files, ...more])).volumes.map(({ frames }) => frames.length)).toEqual([3, 2]);
});

test.each([
  ['a gap', [1, 2, 3, 5, 6].map((number) => slice(number)), '1 of 6 slices missing'],
  [
    'uneven distances',
    [slice(1), slice(2), slice(3), slice(4, { ImagePositionPatient: [5, 6, 11] })],
    'distances between slices',
  ],
  ['a doubled slice', [slice(1), slice(2), slice(2, { SOPInstanceUID: '1.2.9' })], 'slices at one place'],
  ['a slice out of place', [slice(1), slice(2, { ImagePositionPatient: [9, 6, 5] }), slice(3)], 'place of slice 2'],
  ['an instance without a place', [slice(1, { ImagePositionPatient: null })], 'ImagePositionPatient'],
] as const)('refuses %s with the reason', async (_, files, reason) => {
  const got = await reasons([...files]);
  expect(got).toHaveLength(1);
  expect(got[0]).toContain(reason);
});

test('a tilted gantry is refused, or given on a sheared grid when asked', async () => {
  const files = [1, 2, 3].map((number) => slice(number, { ImagePositionPatient: [0, number, 3 * number] }));
  expect(await reasons(files)).toEqual([expect.stringContaining('tilted gantry')]);
  const { volumes } = await readSeries(files, { allowTilt: true });
  expect([...applyAffine(volumes[0]?.volume.voxelToLps as never, [0, 0, 2])]).toEqual([0, 3, 9]);
});

test('reads an enhanced multi-frame image, each frame with its own rescale', async () => {
  const frame = (z: number, RescaleSlope: number): DataSetRecord => ({
    PlanePositionSequence: [{ ImagePositionPatient: [0, 0, z] }],
    PixelValueTransformationSequence: [{ RescaleSlope, RescaleIntercept: 0.5 }],
  });
  const enhanced = slice(1, {
    NumberOfFrames: 2,
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [{ PixelSpacing: [2, 1] }],
        PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
      },
    ],
    PerFrameFunctionalGroupsSequence: [frame(4, 2), frame(0, 1)],
    PixelData: Uint16Array.from({ length: 24 }, (_, i) => (i < 12 ? 10 : 20)),
  });
  const { volumes } = await readSeries([enhanced]);
  expect(volumes[0]?.volume.voxels).toEqual(Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? 20.5 : 20.5)));
  expect(volumes[0]?.frames.map((one) => one.frame)).toEqual([1, 0]);
});

test('colours become three components', async () => {
  const PixelData = Uint8Array.from({ length: 36 }, (_, i) => i);
  const colours = { SamplesPerPixel: 3, PhotometricInterpretation: 'RGB', BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
  const { volumes } = await readSeries([slice(1, { ...colours, PixelData })]);
  expect(volumes[0]?.volume.components).toBe(3);
  expect([...(volumes[0]?.volume.voxels ?? [])].slice(0, 3)).toEqual([0, 3, 6]);
});
