import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COMMANDS } from '../commands/commands.ts';
import { runCommandLine } from '../run-command-line.ts';
import { collectedOutput } from '../testing/collected-output.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { writeScan } from '../testing/write-scan.ts';
import { readMarkedScans } from './detection-data.ts';

async function vesalius(cwd: string, ...line: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [collectedOutput(), collectedOutput()];
  const { signal } = new AbortController();
  const status = await runCommandLine(COMMANDS, line, { stdout, stderr, signal, cwd });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

test('from made-up chests to candidates and a curve; scans of the training are refused', {
  timeout: 120_000,
}, async () => {
  using folder = temporaryFolder();
  const at = folder.path;
  await vesalius(at, 'phantom', 'chests', '--kind', 'chest', '--cases', '4');
  await vesalius(at, 'phantom', 'others', '--kind', 'chest', '--cases', '1', '--seed', '1');
  const size = ['--spacing', '3', '--patch', '32', '--threads', '1'];
  const trained = await vesalius(at, 'detect', 'train', 'chests', 'model', '--steps', '12', ...size, '--json');
  expect(trained).toMatchObject({ status: 0 });
  expect(JSON.parse(trained.stdout)).toMatchObject({ scans: 1 });
  const evaluated = await vesalius(at, 'detect', 'evaluate', 'others', 'model', '--out', 'curve.html');
  expect(evaluated.stdout).toMatch(/nodules in 1 scans[\s\S]*0\.125 {2}\d[\s\S]*mean /);
  expect(readFileSync(join(at, 'curve.html'), 'utf8')).toContain('false positives a scan');
  const asked = await vesalius(at, 'detect', 'predict', 'others', 'model', '--most', '3');
  expect(asked.stdout.split('\n')[0]).toBe('seriesuid,coordX,coordY,coordZ,probability,diameter_mm');
  expect(asked.stdout.trim().split('\n').length).toBeLessThanOrEqual(4);
  const again = await vesalius(at, 'detect', 'evaluate', 'chests', 'model');
  expect(again).toMatchObject({ status: 5, stderr: expect.stringMatching(/DATA_MISMATCH.*trained on/) });
  expect(await vesalius(at, 'detect', 'train', 'chests', 'model', '--patch', '30')).toMatchObject({ status: 2 });
});

test('annotations are read by their columns, and what is wrong is named with its line', async () => {
  using folder = temporaryFolder();
  for (const name of ['a', 'b']) await writeScan(folder.path, `images/${name}.nii.gz`);
  const table = join(folder.path, 'annotations.csv');
  const read = (text: string) => {
    writeFileSync(table, text);
    return readMarkedScans(folder.path, { marked: true });
  };
  const header = 'seriesuid,coordX,coordY,coordZ,diameter_mm';
  expect(await read(`${header}\r\nb,1,-2,3.5,6\r\n`)).toMatchObject([
    { id: 'a', findings: [] },
    { id: 'b', findings: [{ centreMm: [1, -2, 3.5], diameterMm: 6 }] },
  ]);
  await expect(read(`${header}\nc,1,2,3,4\n`)).rejects.toThrow('DATA_MISMATCH: annotated scan, got c');
  await expect(read(`${header}\na,1,2,,4\n`)).rejects.toThrow('FILE_FORMAT: coordZ in line 2');
  await expect(read(`${header}\na,1,2,3,0\n`)).rejects.toThrow(
    'diameter_mm in line 2, got 0, expected millimetres above 0',
  );
  await expect(read('seriesuid,x,y,z\n')).rejects.toThrow('DATA_MISMATCH: columns');
});
