import { buildSeries, createDicomFile, type DataSet, writeDicom } from '@vesalius/dicom';
import { affineFromSpacing, createVolume, type Volume } from '@vesalius/volume';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Archive } from '../store/archive.ts';
import { type ArchiveUnderTest, openArchiveUnderTest } from '../store/archive-under-test.ts';
import { openSeriesVolumes } from './open-series-volumes.ts';

const everywhere = { projects: 'all' } as const;
let stored: ArchiveUnderTest;
beforeAll(async () => {
  stored = await openArchiveUnderTest();
});
afterAll(() => stored.close());

function ramp(timePoints = 1): Volume {
  const voxels = Int16Array.from({ length: 8 * 6 * 5 * timePoints }, (_, i) => i);
  return createVolume({ voxels, size: [8, 6, 5], voxelToLps: affineFromSpacing([1, 1, 2]), timePoints });
}

async function store(slices: readonly DataSet[], project = 'default'): Promise<string> {
  for (const slice of slices) {
    const file = await writeDicom(createDicomFile(slice));
    const source = { kind: 'import', from: 'test' } as const;
    await stored.archive.store(file, { source, project, access: everywhere });
  }
  return slices[0]?.string('SeriesInstanceUID') ?? '';
}

/** The archive, which counts the files that are opened. */
function counted({ archive }: ArchiveUnderTest) {
  let opened = 0;
  const open: Archive['open'] = (record) => {
    opened++;
    return archive.open(record);
  };
  const source = { find: archive.find.bind(archive), instances: archive.instances.bind(archive), open };
  return { source, opened: () => opened };
}

test('reads a series as the volume it was, with its instances from below', async () => {
  const slices = buildSeries(ramp(), { modality: 'MR' });
  const series = await store(slices.toReversed());
  const read = await openSeriesVolumes(stored.archive).read(series, everywhere);
  expect(read.volume.size).toEqual([8, 6, 5]);
  expect([...read.volume.voxels].map(Number)).toEqual([...ramp().voxels].map(Number));
  expect(read.instances).toEqual(slices.map((slice) => slice.string('SOPInstanceUID')));
  expect(read.sources.every((source) => source.get('PixelData') === undefined)).toBe(true);
  expect(read).toMatchObject({ project: 'default', modality: 'MR', seriesInstanceUid: series });
});

test('of a series in time the first point is the volume', async () => {
  const series = await store(buildSeries(ramp(3), { modality: 'MR' }));
  const { volume, instances } = await openSeriesVolumes(stored.archive).read(series, everywhere);
  expect(volume.timePoints).toBe(1);
  expect(volume.voxels.length).toBe(8 * 6 * 5);
  expect(instances).toHaveLength(5);
});

test('who may not read the project finds no series, kept or not', async () => {
  const series = await store(buildSeries(ramp()), 'default');
  const volumes = openSeriesVolumes(stored.archive);
  await volumes.read(series, everywhere);
  await expect(volumes.read(series, { projects: ['other'] })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
});

test('a series with a missing slice is refused with its reason', async () => {
  const series = await store(buildSeries(ramp(), { modality: 'CT' }).filter((_, i) => i !== 2));
  await expect(openSeriesVolumes(stored.archive).read(series, everywhere)).rejects.toMatchObject({
    code: 'GEOMETRY_MISMATCH',
  });
});

test('readers at the same time share one reading, later ones what was kept; a new slice is seen', async () => {
  const slices = buildSeries(ramp(), { modality: 'MR' });
  const series = await store(slices.slice(0, 4));
  const { source, opened } = counted(stored);
  const volumes = openSeriesVolumes(source);
  const [first, second] = await Promise.all([volumes.read(series, everywhere), volumes.read(series, everywhere)]);
  expect(first).toBe(second);
  expect(await volumes.read(series, everywhere)).toBe(first);
  expect(opened()).toBe(4);
  await store(slices.slice(4));
  expect((await volumes.read(series, everywhere)).volume.size).toEqual([8, 6, 5]);
});

test('one who gives up takes nothing from others who wait', async () => {
  const series = await store(buildSeries(ramp(), { modality: 'MR' }));
  const volumes = openSeriesVolumes(stored.archive);
  const impatient = new AbortController();
  const [gone, there] = [volumes.read(series, everywhere, impatient.signal), volumes.read(series, everywhere)];
  impatient.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  expect((await there).instances).toHaveLength(5);
});
