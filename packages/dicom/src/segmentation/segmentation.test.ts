import { createVolume, reorient } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ctSeries, onSeries, organLabels, SIZE } from '../../../../tests/conformance/objects-series.ts';
import { codeNamed } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import { readDicom } from '../part10/read-dicom.ts';
import { createDicomFile, writeDicom } from '../part10/write-dicom.ts';
import { type BuildSegmentationOptions, buildSegmentation, type SegmentationType } from './build-segmentation.ts';
import { type ReadSegmentationOptions, readSegmentation } from './read-segmentation.ts';
import type { Segment } from './segment.ts';

const VOXELS = SIZE[0] * SIZE[1] * SIZE[2];
const algorithm = {
  type: 'AUTOMATIC',
  name: 'phantom',
  version: '1',
  family: codeNamed('DCM', 'ArtificialIntelligence'),
} as const;
const category = codeNamed('SCT', 'AnatomicalStructure');
const LIVER: Segment = { number: 1, label: 'Leber, größte', category, type: codeNamed('SCT', 'Liver'), algorithm };
const SPLEEN: Segment = { number: 2, label: 'Spleen', category, type: codeNamed('SCT', 'Spleen'), algorithm };
const SEGMENTS = [LIVER, SPLEEN];

async function roundTrip(options: Omit<BuildSegmentationOptions, 'source'>, reading?: ReadSegmentationOptions) {
  const bytes = await writeDicom(createDicomFile(buildSegmentation({ source: ctSeries(), ...options })));
  return readSegmentation(await readDicom(bytes), reading);
}

test.each<SegmentationType>(['BINARY', 'LABELMAP', 'FRACTIONAL'])('%s holds a label map on its grid', async (type) => {
  const labels = organLabels();
  const read = await roundTrip({ type, content: labels, segments: SEGMENTS }, { grid: labels });
  expect(read.labels().voxels).toEqual(labels.voxels);
  expect(read.type).toBe(type);
  expect(read.segments).toEqual(SEGMENTS);
  expect(read.sourceInstanceUids).toEqual(ctSeries().map((one) => one.string('SOPInstanceUID')));
});

test('the smallest grid leaves out slices before the first and keeps missing ones between', async () => {
  const labels = organLabels();
  const read = await roundTrip({ content: labels, segments: SEGMENTS });
  expect(read.grid.size).toEqual([SIZE[0], SIZE[1], 4]);
  expect(read.labels().voxels).toEqual(labels.voxels.slice(SIZE[0] * SIZE[1]));
  const matrix = labels.voxelToLps.matrix;
  for (const [i, value] of read.grid.voxelToLps.matrix.entries())
    expect(value).toBeCloseTo((matrix[i] as number) + (i % 4 === 3 && i < 12 ? (matrix[i - 1] as number) : 0), 6);
});

test('a label map whose axes run otherwise takes the order of the source', async () => {
  const labels = organLabels();
  const read = await roundTrip({ content: reorient(labels, 'SAR'), segments: SEGMENTS }, { grid: labels });
  expect(read.labels().voxels).toEqual(labels.voxels);
});

test('binary segments are numbered from 1, label maps keep their numbers', async () => {
  const labels = organLabels();
  for (const [i, value] of labels.voxels.entries()) labels.voxels[i] = value === 2 ? 200 : value;
  const segments = [LIVER, { ...SPLEEN, number: 200 }];
  const kept = await roundTrip({ type: 'LABELMAP', content: labels, segments }, { grid: labels });
  expect(kept.labels().voxels).toEqual(labels.voxels);
  const renumbered = await roundTrip({ content: labels, segments }, { grid: labels });
  expect(renumbered.labels().voxels).toEqual(organLabels().voxels);
});

test('overlapping segments are read by their masks and refused as one label map', async () => {
  const [a, b] = [organLabels(), organLabels()];
  for (let i = 0; i < VOXELS; i++) b.voxels[i] = a.voxels[i] === 1 ? 1 : 0;
  const read = await roundTrip({ content: [a, b], segments: SEGMENTS }, { grid: a });
  expect(read.mask(1).voxels).toEqual(a.voxels.map((value) => Math.min(1, value)));
  expect(read.mask(2).voxels).toEqual(b.voxels);
  expect(() => read.labels()).toThrow('DATA_MISMATCH');
});

/** Numbers from 0 to 1 that follow from a seed, so that a failure is told by one number. */
function noise(seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: VOXELS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

test('fractions come back within half a step', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const content = onSeries(noise(seed));
      const read = await roundTrip({ type: 'FRACTIONAL', content: [content], segments: [LIVER] }, { grid: content });
      const off = Array.from(read.mask(1).voxels, (value, i) =>
        Math.abs(Number(value) - (content.voxels[i] as number)),
      );
      const worst = Math.max(...off);
      expect(worst).toBeLessThan(0.5 / 255 + 1e-6);
    }),
    { numRuns: 10 },
  );
});

test('any masks come back bit for bit, packed across frames', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), async (first, second) => {
      const content = [first, second].map((seed) =>
        onSeries(Uint8Array.from(noise(seed), (value) => Math.round(value))),
      );
      const read = await roundTrip({ content, segments: SEGMENTS }, { grid: organLabels() });
      expect(read.mask(1).voxels).toEqual(content[0]?.voxels);
      expect(read.mask(2).voxels).toEqual(content[1]?.voxels);
    }),
    { numRuns: 20 },
  );
});

test('names the source frame of each slice and keeps patient and study', () => {
  const built = buildSegmentation({ source: ctSeries(), content: organLabels(), segments: SEGMENTS });
  const sources = built
    .items('PerFrameFunctionalGroupsSequence')
    .map((group) =>
      group.items('DerivationImageSequence')[0]?.items('SourceImageSequence')[0]?.string('ReferencedSOPInstanceUID'),
    );
  expect(sources.map((uid) => uid?.at(-1))).toEqual(['2', '3', '3', '5']);
  expect(built.personNames('PatientName')[0]?.alphabetic).toBe('Phantom^Jürgen');
  expect(built.string('StudyInstanceUID')).toBe(ctSeries()[0]?.string('StudyInstanceUID'));
});

test('refuses what cannot be a segmentation', () => {
  const source = ctSeries();
  const content = organLabels();
  expect(() => buildSegmentation({ source, content, segments: [LIVER] })).toThrow('LABEL_OUT_OF_RANGE');
  expect(() => buildSegmentation({ source, content, segments: [LIVER, LIVER] })).toThrow('INVALID_ARGUMENT');
  expect(() => buildSegmentation({ source, content: [content], segments: SEGMENTS })).toThrow('DATA_MISMATCH');
  expect(() => buildSegmentation({ source: [], content, segments: SEGMENTS })).toThrow('INVALID_ARGUMENT');
  const nameless = [{ ...LIVER, algorithm: { type: 'AUTOMATIC' } as const }, SPLEEN];
  expect(() => buildSegmentation({ source, content, segments: nameless })).toThrow('INVALID_ARGUMENT');
  const ofOther = source.map((one, i) => (i ? one : one.without('FrameOfReferenceUID')));
  expect(() => buildSegmentation({ source: ofOther, content, segments: SEGMENTS })).toThrow('DATA_MISMATCH');
});

test('a segmentation of nothing has one empty frame', async () => {
  const content = onSeries(new Uint8Array(VOXELS));
  for (const type of ['BINARY', 'FRACTIONAL', 'LABELMAP'] as const) {
    const read = await roundTrip({ type, content, segments: SEGMENTS }, { grid: content });
    expect(read.labels().voxels).toEqual(content.voxels);
  }
});

test('a segment that goes on through slices, each of which begins with nothing, is in all of them', async () => {
  const labels = onSeries(new Uint8Array(VOXELS).map((_, i) => Number(i % SIZE[0] > 2)));
  const read = await roundTrip({ content: labels, segments: SEGMENTS }, { grid: labels });
  expect(read.labels().voxels).toEqual(labels.voxels);
});

test('a radiograph without a place in the patient is segmented on its pixels', async () => {
  const placing = ['ImagePositionPatient', 'ImageOrientationPatient', 'FrameOfReferenceUID', 'PixelSpacing'] as const;
  const source = ctSeries().map((one) => one.without(...placing));
  const [first] = source as [DataSet];
  const { voxels } = organLabels();
  const size = [SIZE[0], SIZE[1], 1] as const;
  const content = createVolume({ voxels: voxels.slice(2 * size[0] * size[1], 3 * size[0] * size[1]), size });
  for (const type of ['BINARY', 'LABELMAP'] as const) {
    const built = buildSegmentation({ source: [first], content, segments: SEGMENTS, type });
    expect((await readSegmentation(createDicomFile(built))).labels()).toEqual(content);
    const grid = { ...content, voxelToLps: organLabels().voxelToLps };
    expect((await readSegmentation(createDicomFile(built), { grid })).labels()).toEqual({ ...content, ...grid });
  }
  expect(() => buildSegmentation({ source, content, segments: SEGMENTS })).toThrow('DATA_MISMATCH');
  expect(() => buildSegmentation({ source: [first], content: organLabels(), segments: SEGMENTS })).toThrow(
    'DATA_MISMATCH',
  );
});
