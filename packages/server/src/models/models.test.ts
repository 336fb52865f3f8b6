import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelAnswer, ModelComparison } from '@vesalius/api';
import { writeTinyBundle } from '@vesalius/bundle/testing';
import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstDay, type Person } from '../../../../tests/server/signed-in.ts';
import { listFolderFiles } from '../http/send-folder-file.ts';
import { writeZip } from '../http/write-zip.ts';
import { type RunningServer, startServer } from '../serve.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { openModelRegistry } from './open-model-registry.ts';

const everywhere = { projects: 'all' } as const;
let folder: string;
let bundle: string;
let server: RunningServer;
let admin: Person;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vesalius-models-'));
  bundle = join(folder, 'tiny');
  await writeTinyBundle(bundle, {
    keys: join(folder, 'keys'),
    more: { 'docs/report.html': '<script>alert(1)</script>' },
  });
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const settings = { ...DEFAULT_SETTINGS, dataFolder: join(folder, 'data'), httpPort: 0, dimse };
  server = await startServer(settings, { log: pino({ level: 'silent' }) });
  admin = await firstDay(server);
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
}, 30_000);

async function zipOf(from: string, below = ''): Promise<Buffer> {
  const entries = (await listFolderFiles(from)).map(({ path }) => ({
    name: below + path,
    body: [readFileSync(join(from, path))],
  }));
  return Buffer.concat(await Array.fromAsync(writeZip(entries)));
}

function put(body: Uint8Array, query = '', person = admin): Promise<Response> {
  const headers = { 'content-type': 'application/zip' };
  return person.ask(`/api/models${query}`, { method: 'PUT', headers, body: body as BodyInit });
}

async function added(): Promise<ModelAnswer> {
  const answer = await put(await zipOf(bundle, 'tiny/'));
  expect(answer.status).toBe(201);
  return (await answer.json()) as ModelAnswer;
}

async function storeScan(): Promise<string> {
  const scan = createVolume({
    voxels: Int16Array.from({ length: 16 ** 3 }, (_, i) => (i * 7919) % 251),
    size: [16, 16, 16],
  });
  const slices = buildSeries(scan, { modality: 'MR' });
  const source = { kind: 'import', from: 'test' } as const;
  for (const slice of slices)
    await server.services.archive.store(await writeDicom(createDicomFile(slice)), {
      ...{ source, project: 'default', access: everywhere },
    });
  return slices[0]?.string('SeriesInstanceUID') ?? '';
}

test('a server without models says so', async () => {
  expect(await admin.json('/api/models')).toEqual([]);
});

test('takes a bundle as a zip and tells what it says of itself', async () => {
  const model = await added();
  expect(model).toMatchObject({
    name: 'tiny',
    project: 'default',
    channels: ['T1'],
    interactive: false,
    dimensions: 3,
    gate: { metric: 'dice', atLeast: 0.9, reached: false },
  });
  expect(model.labels.map(({ value, name }) => [value, name])).toEqual([[1, 'spot']]);
  expect(await admin.json(`/api/models/${model.id}`)).toEqual(model);
  const files = (await admin.json(`/api/models/${model.id}/files`)) as { path: string; bytes: number }[];
  expect(files.map(({ path }) => path)).toContain('model.onnx');
  expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(model.bytes);
});

test('compares two models on the cases that both were measured on', async () => {
  const measured = async (name: string, rows: string) => {
    const at = join(folder, name);
    const csv = `case,dice spot,dice edge,hd95 spot,hd95 edge\n${rows}`;
    await writeTinyBundle(at, { name, keys: join(folder, 'keys'), more: { 'docs/cases.csv': csv } });
    return ((await (await put(await zipOf(at, `${name}/`))).json()) as ModelAnswer).id;
  };
  const first = await measured('first', 'a,0.5,0.7,1,1\nb,0.6,NaN,1,1\nc,0.9,0.9,1,1\n');
  const second = await measured('second', 'b,0.8,NaN,1,1\na,0.7,0.9,1,1\nd,0.1,0.1,1,1\n');
  const found = (await admin.json(`/api/models/${first}/comparison?with=${second}`)) as ModelComparison;
  expect(found).toMatchObject({ matchedBy: 'name', difference: { estimate: expect.closeTo(0.2, 6) } });
  expect(found.cases.map(({ case: name }) => name)).toEqual(['a', 'b']);
  expect(found.cases[0]).toMatchObject({ first: expect.closeTo(0.6, 6), second: expect.closeTo(0.8, 6) });
  expect((await admin.ask(`/api/models/${first}/comparison?with=none`)).status).toBe(404);
});

test('measures the time of each operation, by the names of the nodes', async () => {
  const { id } = await added();
  const times = (await admin.json(`/api/models/${id}/profile`)) as { name: string; dur: number }[];
  const bytes = Buffer.from(await (await admin.ask(`/api/models/${id}/files/model.onnx`)).arrayBuffer());
  expect(times.length).toBeGreaterThan(10);
  expect(times.filter(({ name }) => bytes.includes(name.replace(/_kernel_time$/, ''))).length).toBeGreaterThan(
    0.9 * times.length,
  );
  expect(times.every(({ dur }) => dur >= 0)).toBe(true);
});

test('gives files and parts of them; nothing outside the folder, nothing that runs', async () => {
  const { id } = await added();
  const at = `/api/models/${id}/files`;
  const whole = Buffer.from(await (await admin.ask(`${at}/model.onnx`)).arrayBuffer());
  expect(whole.equals(readFileSync(join(bundle, 'model.onnx')))).toBe(true);
  const part = await admin.ask(`${at}/model.onnx`, { headers: { range: 'bytes=2-5' } });
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 2-5/${whole.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(2, 6));
  expect((await admin.ask(`${at}/model.onnx`, { headers: { range: `bytes=${whole.length}-` } })).status).toBe(416);
  for (const path of ['..%2f..%2fvesalius.sqlite', '%2fetc%2fpasswd', 'nothing', ''])
    expect((await admin.ask(`${at}/${path}`)).status).toBe(404);
  const page = await admin.ask(`${at}/docs/report.html`);
  expect(page.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
});

test('refuses what is no bundle, what was changed, and what leads out', async () => {
  const changed = join(folder, 'changed');
  cpSync(bundle, changed, { recursive: true });
  writeFileSync(join(changed, 'LICENSE'), 'mine');
  const one = async (name: string) =>
    Buffer.concat(await Array.fromAsync(writeZip([{ name, body: [Buffer.from('{}')] }])));
  const tries = [await zipOf(changed), Buffer.from('no zip'), await one('readme.txt'), await one('../manifest.json')];
  for (const body of tries) {
    const answer = await put(body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  }
  expect((await put(await zipOf(bundle), '?project=none')).status).toBe(404);
  const left = readdirSync(join(folder, 'data', 'models'));
  expect(left.filter((name) => name.startsWith('.'))).toEqual([]);
});

test('predicts a series as a job and puts a SEG of it into the archive', async () => {
  const { id } = await added();
  const series = await storeScan();
  const answer = (await admin.json(`/api/models/${id}/predictions`, { series: [series], keep: 'segmentation' })) as {
    jobs: string[];
  };
  const job = await admin.ended({ id: answer.jobs[0], state: 'waiting' });
  expect(job).toMatchObject({ state: 'succeeded', result: { series, model: id } });
  const { segmentation } = job.result as { segmentation: string };
  const match = [{ tag: '00080018', value: segmentation }];
  const { matches } = await server.services.archive.find({ level: 'IMAGE', match, access: everywhere });
  expect(matches).toHaveLength(1);
  expect(JSON.stringify(await admin.json('/api/audit?action=predicted'))).toContain(series);
});

test('shows what it weighed as parametric maps in the study; a model that explains nothing is refused', async () => {
  const gated = join(folder, 'gated');
  await writeTinyBundle(gated, { name: 'gated', keys: join(folder, 'keys'), network: 'trans-unet-plus-plus' });
  const model = (await (await put(await zipOf(gated, 'gated/'))).json()) as ModelAnswer;
  expect(model.explains).toBe('gates');
  const series = await storeScan();
  const ask = (id: string) =>
    admin.json(`/api/models/${id}/predictions`, { series: [series], keep: 'explanation' }) as Promise<{
      jobs: string[];
    }>;
  const { jobs } = await ask(model.id);
  const job = await admin.ended({ id: jobs[0], state: 'waiting' });
  expect(job).toMatchObject({ state: 'succeeded' });
  const { maps } = job.result as { maps: { name: string; series: string; instance: string }[] };
  expect(maps.length).toBeGreaterThan(0);
  expect(maps[0]?.name).toMatch(/^Gate 0\.1/);
  for (const { series: kept, instance } of maps) {
    const match = [
      { tag: '0020000E', value: kept },
      { tag: '00080018', value: instance },
    ];
    const include = ['00080016'];
    const { matches } = await server.services.archive.find({ level: 'IMAGE', match, include, access: everywhere });
    expect(matches[0]?.['00080016']?.Value).toEqual(['1.2.840.10008.5.1.4.1.1.30']);
  }
  const plain = await added();
  expect(plain.explains).toBeUndefined();
  const refused = await admin.ask(`/api/models/${plain.id}/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ series: [series], keep: 'explanation' }),
  });
  expect(refused.status).toBe(400);
});

test('takes a series for each channel, on the grid of the one that is labelled; of another study none', async () => {
  const two = join(folder, 'two');
  await writeTinyBundle(two, { name: 'two', keys: join(folder, 'keys'), channels: ['T1', 'FLAIR'] });
  const { id } = (await (await put(await zipOf(two, 'two/'))).json()) as ModelAnswer;
  const voxels = Int16Array.from({ length: 16 ** 3 }, (_, i) => (i * 31) % 251);
  const first = buildSeries(createVolume({ voxels, size: [16, 16, 16] }), { modality: 'MR' });
  const coarse = createVolume({
    voxels: voxels.slice(0, 512),
    size: [8, 8, 8],
    voxelToLps: affineFromSpacing([2, 2, 2]),
  });
  const second = buildSeries(coarse, { modality: 'MR', ...(first[0] && { source: first[0] }) });
  const source = { kind: 'import', from: 'test' } as const;
  for (const slice of [...first, ...second])
    await server.services.archive.store(await writeDicom(createDicomFile(slice)), {
      ...{ source, project: 'default', access: everywhere },
    });
  const [t1 = '', flair = ''] = [first, second].map((slices) => slices[0]?.string('SeriesInstanceUID'));
  const predict = async (channels: readonly string[]) => {
    const body = { series: [{ series: t1, channels }] };
    const { jobs } = (await admin.json(`/api/models/${id}/predictions`, body)) as { jobs: string[] };
    return admin.ended({ id: jobs[0], state: 'waiting' });
  };
  const done = await predict([t1, flair]);
  expect(done).toMatchObject({ state: 'succeeded', result: { series: t1 } });
  const { annotation } = done.result as { annotation: string };
  expect(await admin.json(`/api/annotations/${annotation}`)).toMatchObject({ size: [16, 16, 16] });
  expect(await predict([t1, await storeScan()])).toMatchObject({ state: 'failed' });
  const body = JSON.stringify({ series: [t1] });
  const headers = { 'content-type': 'application/json' };
  expect((await admin.ask(`/api/models/${id}/predictions`, { method: 'POST', headers, body })).status).toBe(400);
});

test('a series that is none is refused before a job begins', async () => {
  const { id } = await added();
  const ask = (body: object) =>
    admin.ask(`/api/models/${id}/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect((await ask({ series: ['1.2.3'] })).status).toBe(404);
  expect((await ask({ series: ['*'] })).status).toBe(400);
});

test('a model that takes no clicks says so', async () => {
  const { id } = await added();
  const series = await storeScan();
  const answer = await admin.ask(`/api/models/${id}/interaction`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ series, clicks: [{ voxel: [1, 2, 3], value: 1 }] }),
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ what: 'clicks', expected: 'a model that was trained to take clicks' });
});

test('another project sees nothing of a model', async () => {
  const { models } = server.services;
  const { id } = await added();
  const elsewhere = { projects: ['other'] };
  expect(await models.get(id, elsewhere)).toBeUndefined();
  expect(await models.list(elsewhere)).toEqual([]);
  expect(await models.remove(id, elsewhere)).toBe(false);
});

test('a removed model is gone with its files, and its id is never given again', async () => {
  const { id } = await added();
  expect((await admin.ask(`/api/models/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await admin.ask(`/api/models/${id}`)).status).toBe(404);
  expect(existsSync(join(folder, 'data', 'models', id))).toBe(false);
  expect((await added()).id).not.toBe(id);
});

test('folders that a killed server left are removed at the next start', async () => {
  const root = join(folder, 'data', 'models');
  cpSync(bundle, join(root, 'left-1'), { recursive: true });
  symlinkSync(bundle, join(root, '.upload-x'));
  const { database, settings } = server.services;
  const left = ['left-1', '.upload-x'];
  const before = readdirSync(root).filter((name) => !left.includes(name));
  await openModelRegistry({ database, dataFolder: settings.dataFolder });
  expect(readdirSync(root)).toEqual(before);
  expect(existsSync(join(bundle, 'model.onnx'))).toBe(true);
});

test('tells the entropy of an answer', async () => {
  const [model] = await server.services.models.list(everywhere);
  const { volume } = await server.services.volumes.read(await storeScan(), everywhere);
  if (!model) throw new Error('no model');
  const { uncertainty, timesMs } = await server.services.models.predict(model, {
    channels: [volume],
    uncertainty: true,
  });
  expect(uncertainty?.voxels).toHaveLength(16 ** 3);
  expect(Object.keys(timesMs)).toEqual(['open', 'prepare', 'infer', 'invert']);
});

test('answers clicks fast with a label map in which every clicked voxel has its class', async () => {
  const guided = join(folder, 'guided');
  await writeTinyBundle(guided, { name: 'guided', keys: join(folder, 'keys'), interactive: true });
  const { id, interactive } = (await (await put(await zipOf(guided))).json()) as ModelAnswer;
  expect(interactive).toBe(true);
  const series = await storeScan();
  const { annotations } = server.services;
  const draft = await annotations.open(series, { id: 'a', name: 'A', kind: 'person' }, everywhere);
  const mask = new Uint8Array(16 ** 3).fill(1, 0, 100);
  const segments = [{ value: 1, name: 'spot', color: '#e69f00' }];
  await annotations.save(draft.id, { mask, segments }, { ifRevision: draft.revision, access: everywhere });
  const click = (body: object, headers = {}) =>
    admin.ask(`/api/models/${id}/interaction`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ series, ...body }),
    });
  const clicks = [
    { voxel: [3, 4, 5], value: 1 },
    { voxel: [12, 11, 10], value: 0 },
  ];
  for (const body of [{ clicks }, { clicks, annotation: draft.id }]) {
    const answer = await click(body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('server-timing')).toMatch(/^read;dur=.*infer;dur=/);
    const labels = new Uint8Array(await answer.arrayBuffer());
    expect([labels.length, labels[3 + 16 * (4 + 16 * 5)], labels[12 + 16 * (11 + 16 * 10)]]).toEqual([16 ** 3, 1, 0]);
  }
  expect((await click({ clicks }, { 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBe('gzip');
  expect((await click({ clicks }, { 'accept-encoding': 'identity' })).headers.get('content-encoding')).toBeNull();
  expect((await click({ clicks: [{ voxel: [16, 0, 0], value: 1 }] })).status).toBe(422);
  expect((await click({ clicks, annotation: 'none' })).status).toBe(404);
  expect((await click({ clicks, series: '1.2.3' })).status).toBe(404);
});

test('a prediction becomes a draft of the model from which people begin', async () => {
  const { id } = await added();
  const series = await storeScan();
  const { jobs } = (await admin.json(`/api/models/${id}/predictions`, { series: [series] })) as { jobs: string[] };
  const job = await admin.ended({ id: jobs[0], state: 'waiting' });
  const { annotation } = job.result as { annotation: string };
  const draft = await server.services.annotations.get(annotation, everywhere);
  expect(draft).toMatchObject({ series, state: 'draft', model: id, annotator: { id, kind: 'model' }, revision: 1 });
  const mask = await server.services.annotations.readMask(annotation, everywhere);
  expect(mask.length).toBe(16 ** 3);
});
