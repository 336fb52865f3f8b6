import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSeries, createDataSet, createDicomFile, readDicom, readParametricMap, writeDicom } from '@vesalius/dicom';
import { createVolume, readVolume, type Volume, writeNifti } from '@vesalius/volume';
import { afterAll, expect, test } from 'vitest';
import { runCommandLine } from '../run-command-line.ts';
import { collectedOutput } from '../testing/collected-output.ts';
import { COMMANDS } from './commands.ts';

const folder = mkdtempSync(join(tmpdir(), 'perfusion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TIMES = Array.from({ length: 40 }, (_, t) => 6 * t);

/** The left half takes contrast up after a minute and keeps it, the right half takes none. */
function phantom(): Volume<Int16Array> {
  const size = [8, 6, 2] as const;
  const voxels = new Int16Array(96 * TIMES.length);
  for (const [t, time] of TIMES.entries())
    for (let i = 0; i < 96; i++)
      voxels[t * 96 + i] =
        200 + ((i * 7 + t * 5) % 3) + (i % 8 < 4 ? Math.round(150 * (1 - Math.exp(-Math.max(0, time - 60) / 25))) : 0);
  return createVolume({ voxels, size, timePoints: TIMES.length, timeStepSeconds: 6 });
}

async function perfusion(...args: string[]): Promise<{ text: string; problems: string; status: number }> {
  const [stdout, stderr] = [collectedOutput(), collectedOutput()];
  const context = { stdout, stderr, cwd: folder, signal: new AbortController().signal };
  const status = await runCommandLine(COMMANDS, ['perfusion', ...args], context);
  return { text: stdout.text, problems: stderr.text, status };
}

test('maps a 4-D file with what a JSON file says of it', async () => {
  const study = join(folder, 'nifti');
  await mkdir(study);
  writeFileSync(join(study, 'dce.nii.gz'), await writeNifti(phantom()));
  writeFileSync(join(study, 'dce.json'), JSON.stringify({ times_s: TIMES, TR_ms: 4, flip_deg: 12 }));
  const { text, status } = await perfusion('nifti', '--out', 'maps', '--json');
  expect(status).toBe(0);
  const figures = JSON.parse(text);
  expect(figures.fittedVoxels).toBe(48);
  expect(figures.curveTypes.none).toBe(48);
  expect(Math.abs(figures.arrivalSeconds - 60)).toBeLessThan(6);
  expect(figures.assumptions).toContain('T1 before contrast is 1.4 s everywhere');
  const ktrans = await readVolume(new Uint8Array(readFileSync(join(folder, 'maps/ktrans.nii.gz'))), 'ktrans.nii.gz');
  expect(ktrans.size).toEqual([8, 6, 2]);
  expect(Number(ktrans.voxels[0])).toBeGreaterThan(0.01);
  expect(Number(ktrans.voxels[7])).toBe(0);
  expect(readFileSync(join(folder, 'maps/curves.svg'), 'utf8')).toContain('type III');
});

test('maps a DICOM series, and writes parametric maps', async () => {
  const study = join(folder, 'dicom');
  await mkdir(study);
  const instances = buildSeries(phantom(), { modality: 'MR', subject: { PatientName: 'Test', PatientID: '1' } });
  for (const [i, dataSet] of instances.entries()) {
    const timed = createDataSet({ RepetitionTime: 4, FlipAngle: 12 });
    const complete = dataSet.with(...timed);
    writeFileSync(join(study, `${i}.dcm`), await writeDicom(createDicomFile(complete)));
  }
  const { text, status, problems } = await perfusion('dicom', '--out', 'dicom-maps', '--dicom');
  expect(problems.includes('error')).toBe(false);
  expect(status).toBe(0);
  expect(text).toContain('48 curves fitted');
  expect(readdirSync(join(folder, 'dicom-maps')).filter((name) => name.endsWith('.dcm'))).toHaveLength(4);
  const file = await readDicom(new Uint8Array(readFileSync(join(folder, 'dicom-maps/ktrans.dcm'))));
  const [map] = await readParametricMap(file);
  expect(map).toMatchObject({ label: 'Ktrans', volume: { size: [8, 6, 2] } });
});

test('says what is missing: times, a dynamic series, DICOM', async () => {
  await mkdir(join(folder, 'still'));
  writeFileSync(
    join(folder, 'still/one.nii.gz'),
    await writeNifti(createVolume({ voxels: new Float32Array(8), size: [2, 2, 2] })),
  );
  expect((await perfusion('still')).problems).toContain('EMPTY_FOLDER');
  const untimed = { ...phantom(), timeStepSeconds: 0 };
  await mkdir(join(folder, 'untimed'));
  writeFileSync(join(folder, 'untimed/dce.nii.gz'), await writeNifti(untimed));
  expect((await perfusion('untimed')).problems).toContain('acquisition times');
  expect((await perfusion('untimed', '--step-seconds', '6', '--dicom')).problems).toContain('INVALID_ARGUMENT');
});
