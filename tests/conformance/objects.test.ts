import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProgram } from '../../tools/find-program.ts';
import { checkDciodvfy, checkDcmtkReaders } from './objects.ts';
import { type HighdicomFiles, readHighdicom } from './read-highdicom.ts';
import { writeObjects } from './write-objects.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-objects-'));
beforeAll(() => writeObjects(folder));
afterAll(() => rmSync(folder, { recursive: true }));

const golden = JSON.parse(
  readFileSync(new URL('../../golden/objects/highdicom.json', import.meta.url), 'utf8'),
) as HighdicomFiles;

test.each(Object.entries(golden.files))('reads what highdicom writes: %s', async (_, file) => {
  const [got, expected] = await readHighdicom(file);
  expect(got).toEqual(expected);
});

test.skipIf(!findProgram(['dciodvfy']))('dciodvfy finds no error in the objects we build', async () => {
  const checks = await checkDciodvfy(folder);
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.length).toBeGreaterThan(9);
});

test.skipIf(!findProgram(['dcmpschk']))('dcmtk reads our report, structure set and presentation state', async () => {
  expect((await checkDcmtkReaders(folder)).filter(({ ok }) => !ok)).toEqual([]);
});
