import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDicom } from '@vesalius/dicom';
import { createAffine, createVolume, readVolume, reorient, sameGrid, writeVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { runCommandLine } from '../run-command-line.ts';
import { collectedOutput } from '../testing/collected-output.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { COMMANDS } from './commands.ts';

async function run(line: string, cwd: string) {
  const [stdout, stderr] = [collectedOutput(), collectedOutput()];
  const context = { stdout, stderr, cwd, signal: new AbortController().signal };
  const status = await runCommandLine(COMMANDS, line.split(' '), context);
  return { status, out: stdout.text, err: stderr.text };
}

const volume = createVolume({
  voxels: Int16Array.from({ length: 60 }, (_, i) => (i % 7) * 100 - 200),
  size: [3, 4, 5],
  voxelToLps: createAffine('voxel', 'lps', [2, 0, 0, -3, 0, 1, 0, 4, 0, 0, 3, 50, 0, 0, 0, 1]),
});

test('a volume becomes a series, and the series the volume', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  writeFileSync(join(path, 'in.nii'), await writeVolume(volume, 'in.nii'));
  expect(await run('convert in.nii series --modality CT', path)).toMatchObject({ status: 0, out: '5 files: series\n' });
  expect(await run('convert series out.nrrd', path)).toMatchObject({ status: 0, err: '' });
  const back = await readVolume(readFileSync(join(path, 'out.nrrd')), 'out.nrrd');
  const [ours, theirs] = [reorient(volume, 'LPS'), reorient(back, 'LPS')];
  expect(sameGrid(ours, theirs)).toBe(true);
  expect(theirs.voxels).toEqual(ours.voxels);
});

test('a label map becomes a segmentation of its series, and that the label map', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  const labels = {
    ...volume,
    voxels: Uint8Array.from({ length: 60 }, (_, i) => (i % 5 === 0 ? 2 : i % 3 === 0 ? 7 : 0)),
  };
  writeFileSync(join(path, 'in.nii'), await writeVolume(volume, 'in.nii'));
  writeFileSync(join(path, 'labels.nii'), await writeVolume(labels, 'labels.nii'));
  await run('convert in.nii series', path);
  expect(await run('convert labels.nii seg.dcm --source series', path)).toMatchObject({ status: 0, err: '' });
  expect(await run('convert seg.dcm out.nii', path)).toMatchObject({ status: 0, err: '' });
  const back = reorient(await readVolume(readFileSync(join(path, 'out.nii')), 'out.nii'), 'LPS');
  // Segments are numbered anew, from 1.
  expect([...back.voxels]).toEqual([...reorient(labels, 'LPS').voxels].map((label) => [0, 2, 7].indexOf(label)));
});

test('de-identifies a folder under new names, and says what it did without a value', async () => {
  using folder = temporaryFolder();
  const { path } = folder;
  writeFileSync(join(path, 'in.nii'), await writeVolume(volume, 'in.nii'));
  writeFileSync(join(path, 'key'), 'a secret of sixteen bytes or more');
  await run('convert in.nii series --modality MR', path);
  const { status, out } = await run('deidentify series clean --project-key key --report report.json', path);
  expect([status, out]).toEqual([0, '5 files in clean, 5 to be looked at\n']);
  const [before, after] = ['series/00001.dcm', 'clean/000001.dcm'].map((name) => readFileSync(join(path, name)));
  const [original, cleaned] = [await readDicom(before as Buffer), await readDicom(after as Buffer)];
  expect(cleaned.dataSet.string('PatientIdentityRemoved')).toBe('YES');
  expect((after as Buffer).includes(original.dataSet.string('StudyInstanceUID') ?? '')).toBe(false);
  expect(readdirSync(join(path, 'clean'))).toHaveLength(5);
  expect(readFileSync(join(path, 'report.json'), 'utf8')).not.toContain(original.dataSet.string('SOPInstanceUID'));
});

test.each([
  ['convert nothing out.nii', 'FILE_NOT_FOUND'],
  ['convert . out.nii', 'EMPTY_FOLDER'],
  ['deidentify . out', 'INVALID_ARGUMENT: --project-key'],
])('%s is refused with %s', async (line, reason) => {
  using folder = temporaryFolder();
  const { status, err } = await run(line, folder.path);
  expect(status).not.toBe(0);
  expect(err).toContain(reason);
});
