import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '@vesalius/bundle/files';
import { affineFromSpacing } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { type ScanOptions, writeLabel, writeScan } from '../testing/write-scan.ts';
import { checkDataset } from './check-dataset.ts';
import { assertSoundData } from './data-report.ts';
import { openDataset } from './open-dataset.ts';
import { planDataset } from './plan-dataset.ts';

interface CaseOptions {
  readonly image?: ScanOptions;
  readonly label?: ScanOptions;
}

async function writeCase(folder: string, id: string, { image, label }: CaseOptions = {}): Promise<void> {
  const offset = id.charCodeAt(0);
  await writeScan(folder, `images/${id}.nii.gz`, { voxel: (i) => i + offset, ...image });
  await writeLabel(folder, `labels/${id}.nii.gz`, 2, label);
}

async function check(folder: string) {
  return checkDataset(await openDataset(folder));
}

test('finds nothing wrong with sound data, infers its classes and hashes every file', async () => {
  using folder = temporaryFolder();
  for (const id of ['a', 'b', 'c']) await writeCase(folder.path, id);
  const report = await check(folder.path);
  expect([report.errors, report.warnings]).toEqual([[], []]);
  expect(report.labels.map(({ value }) => value)).toEqual([0, 1, 2]);
  const bytes = await readFile(join(folder.path, 'images/a.nii.gz'));
  expect(report.cases[0]?.files[0]).toEqual({ path: 'images/a.nii.gz', bytes: bytes.length, sha256: sha256(bytes) });
});

test.each<[string, CaseOptions, string]>([
  ['a label of another size', { label: { size: [4, 4, 4] } }, 'GEOMETRY_MISMATCH: size in voxels'],
  [
    'a label of another spacing',
    { label: { voxelToLps: affineFromSpacing([1, 1, 2]) } },
    'GEOMETRY_MISMATCH: voxel spacing',
  ],
  [
    'a label elsewhere',
    { label: { voxelToLps: affineFromSpacing([1, 1, 1], [5, 0, 0]) } },
    'GEOMETRY_MISMATCH: origin',
  ],
  [
    'a label with fractions',
    { label: { voxel: (i) => (i === 0 ? 0.5 : 0) } },
    'LABEL_OUT_OF_RANGE: label values, got [0.5]',
  ],
  ['a negative label', { label: { voxel: (i) => (i === 0 ? -1 : 0) } }, 'LABEL_OUT_OF_RANGE: label values, got [-1]'],
  [
    'an image with NaN',
    { image: { voxel: (i) => (i === 0 ? Number.NaN : i) } },
    'NOT_FINITE: voxels that are NaN or infinite, got 1',
  ],
  ['a scan over time', { image: { timePoints: 2 } }, 'DATA_MISMATCH: channels of the scan, got 2, expected 1'],
])('reports %s with the file', async (_, options, message) => {
  using folder = temporaryFolder();
  await writeCase(folder.path, 'a');
  await writeCase(folder.path, 'b', options);
  const report = await check(folder.path);
  expect(report.errors).toMatchObject([{ cases: ['b'], text: expect.stringContaining(message) }]);
  expect(report.errors[0]?.text).toMatch(/b\.nii\.gz\)$/);
  expect(() => assertSoundData(report)).toThrow(report.errors[0]?.text);
});

test('goes on after a file that is cut off', async () => {
  using folder = temporaryFolder();
  await writeCase(folder.path, 'b');
  await writeScan(folder.path, 'images/a.nii');
  await truncate(join(folder.path, 'images/a.nii'), 380);
  const report = await check(folder.path);
  expect(report.errors).toMatchObject([{ code: 'FILE_TRUNCATED', cases: ['a'] }]);
  expect(report.cases.map(({ id }) => id)).toEqual(['b']);
});

test('warns of brightness on another scale, spikes, empty and missing labels, duplicates', async () => {
  using folder = temporaryFolder();
  for (const id of ['a', 'b', 'c', 'd', 'e']) await writeCase(folder.path, id);
  await writeCase(folder.path, 'bright', { image: { voxel: (i) => 1e5 * (i + 1) } });
  await writeCase(folder.path, 'void', { label: { voxel: () => 0 } });
  await writeCase(folder.path, 'spiked', {
    image: { size: [20, 20, 20], voxel: (i) => (i === 5 ? 1e6 : 90 + (i % 50)) },
    label: { size: [20, 20, 20] },
  });
  await writeScan(folder.path, 'images/unlabelled.nii.gz', { voxel: (i) => i + 'a'.charCodeAt(0) });
  const { warnings } = await check(folder.path);
  expect(Object.fromEntries(warnings.map(({ code, cases }) => [code, cases]))).toEqual({
    INTENSITY_SCALE: ['bright'],
    INTENSITY_SPIKES: ['spiked'],
    EMPTY_LABEL: ['void'],
    NO_LABEL: ['unlabelled'],
    DUPLICATE_IMAGE: ['a', 'unlabelled'],
  });
});

test('stops between cases when asked to', async () => {
  using folder = temporaryFolder();
  for (const id of ['a', 'b', 'c']) await writeCase(folder.path, id);
  const stop = new AbortController();
  const seen: string[] = [];
  const run = checkDataset(await openDataset(folder.path), {
    signal: stop.signal,
    onProgress: ({ caseId }) => {
      seen.push(caseId);
      stop.abort();
    },
  });
  await expect(run).rejects.toThrow('INTERRUPTED');
  expect(seen).toEqual(['a']);
});

const DATA = process.env['VESALIUS_DATA'];

test.skipIf(!DATA)(
  'finds the hippocampus scans with values above 10^4 and plans 40 x 56 x 40',
  { timeout: 60_000 },
  async () => {
    const dataset = await openDataset(join(DATA ?? '', 'hippocampus'));
    const report = await checkDataset(dataset);
    expect(report.errors).toEqual([]);
    const outside = report.warnings.find(({ code }) => code === 'INTENSITY_SCALE')?.cases ?? [];
    const above = report.cases
      .filter(({ summary }) => (summary.channels[0]?.overall.maximum ?? 0) > 1e4)
      .map(({ id }) => id);
    expect(above.length).toBeGreaterThan(5);
    expect(above.filter((id) => !outside.includes(id))).toEqual([]);
    expect(planDataset(dataset, report).patchShape.value).toEqual([40, 56, 40]);
  },
);

test.skipIf(!DATA)(
  'reads the BraTS folders with four channels and labels 0, 1, 2 and 4',
  { timeout: 60_000 },
  async () => {
    const dataset = await openDataset(join(DATA ?? '', 'brats18_2mm'), { site: 'TCIA\\d+' });
    const report = await checkDataset({ ...dataset, cases: dataset.cases.slice(0, 2) });
    expect(report.errors).toEqual([]);
    expect(report.labels.map(({ value }) => value)).toEqual([0, 1, 2, 4]);
    expect(dataset.cases[0]?.site).toBe('TCIA01');
  },
);
