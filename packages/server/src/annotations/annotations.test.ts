import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type AgreementAnswer, type AnnotationAnswer, type FoundSegmentation, PERMISSIONS } from '@vesalius/api';
import {
  buildSegmentation,
  buildSeries,
  codeNamed,
  createDicomFile,
  type DataSet,
  readDicom,
  readSegmentation,
  writeDicom,
} from '@vesalius/dicom';
import { affineFromSpacing, createVolume } from '@vesalius/volume';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstDay, type Person } from '../../../../tests/server/signed-in.ts';
import { type RunningServer, startServer } from '../serve.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';

const everywhere = { projects: 'all' } as const;
const SIZE = [12, 10, 6] as const;
const VOXELS = 12 * 10 * 6;
const SEGMENTS = [
  { value: 1, name: 'Anterior', color: '#e6553c' },
  { value: 2, name: 'Posterior', color: '#3ca0e6' },
];
let folder: string;
let server: RunningServer;
let admin: Person;
let anna: Person;
let ben: Person;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vesalius-annotations-'));
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const settings = { ...DEFAULT_SETTINGS, dataFolder: join(folder, 'data'), httpPort: 0, dimse };
  server = await startServer(settings, { log: pino({ level: 'silent' }) });
  admin = await firstDay({ ...server, permissions: PERMISSIONS });
  [anna, ben] = [await annotator('Anna'), await annotator('Ben')];
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A user who may annotate in project `default`, with a token. */
async function annotator(name: string): Promise<Person> {
  const grants = [{ project: 'default', role: 'annotator' }];
  const { oneTimePassword } = (await admin.json('/api/users', { name, grants })) as { oneTimePassword: string };
  const permissions = ['archive.read', 'annotate'];
  return firstDay({ url: server.url, firstAdmin: { name, oneTimePassword }, permissions });
}

async function storeSeries(): Promise<{ series: string; slices: readonly DataSet[] }> {
  const scan = createVolume({
    voxels: Int16Array.from({ length: VOXELS }, (_, i) => (i * 7919) % 251),
    size: SIZE,
    voxelToLps: affineFromSpacing([1, 1, 2]),
  });
  const slices = buildSeries(scan, { modality: 'MR', subject: { PatientName: 'Test^Anna', PatientID: 'P1' } });
  for (const slice of slices) await store(slice);
  return { series: slices[0]?.string('SeriesInstanceUID') ?? '', slices };
}

async function store(dataSet: DataSet): Promise<void> {
  const source = { kind: 'import', from: 'test' } as const;
  const file = await writeDicom(createDicomFile(dataSet));
  await server.services.archive.store(file, { source, project: 'default', access: everywhere });
}

async function open(person: Person, series: string): Promise<AnnotationAnswer> {
  return (await person.json('/api/annotations', { series })) as AnnotationAnswer;
}

interface Save {
  readonly revision?: number;
  readonly segments?: readonly object[];
  readonly more?: object;
}

function save(person: Person, id: string, mask: Uint8Array, { revision = 0, segments = SEGMENTS, more }: Save = {}) {
  const form = new FormData();
  form.append('content', new Blob([JSON.stringify({ segments, ...more })], { type: 'application/json' }));
  form.append('mask', new Blob([gzipSync(mask)], { type: 'application/gzip' }), 'mask');
  const headers = { 'if-match': `"${revision}"` };
  return person.ask(`/api/annotations/${id}/mask`, { method: 'PUT', headers, body: form });
}

async function readMask(person: Person, id: string): Promise<Uint8Array> {
  return new Uint8Array(await (await person.ask(`/api/annotations/${id}/mask`)).arrayBuffer());
}

function box(from: number, to: number, value = 1): Uint8Array {
  return Uint8Array.from({ length: VOXELS }, (_, i) => (i % 12 >= from && i % 12 < to ? value : 0));
}

async function post(person: Person, path: string, body: object = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return await person.ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('what was saved is read back, whatever it is', async () => {
  const { series } = await storeSeries();
  const draft = await open(anna, series);
  expect(draft).toMatchObject({ state: 'draft', revision: 0, size: [...SIZE], annotator: { name: 'Anna' } });
  expect(await readMask(anna, draft.id)).toEqual(new Uint8Array(VOXELS));
  let revision = 0;
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: VOXELS, maxLength: VOXELS, max: 2 }), async (mask) => {
      const answer = await save(anna, draft.id, mask, { revision, more: { secondsSpent: 1 } });
      expect([answer.status, answer.headers.get('etag')]).toEqual([200, `"${++revision}"`]);
      expect(await readMask(anna, draft.id)).toEqual(mask);
    }),
    { numRuns: 15 },
  );
  const saved = await open(anna, series);
  expect(saved).toMatchObject({ id: draft.id, revision: 15, secondsSpent: 15, savedBy: 'Anna', segments: SEGMENTS });
  const mask = await readMask(anna, draft.id);
  expect(saved.voxels['2'] ?? 0).toBe(mask.filter((value) => value === 2).length);
  // Each save took the place of the one before.
  expect(await Array.fromAsync(server.services.objects.keys(`annotations/${draft.id}`))).toHaveLength(1);
});

test('a second tab is told that another save came between, and nothing is lost', async () => {
  const { id } = await open(anna, (await storeSeries()).series);
  expect((await save(anna, id, box(0, 3))).status).toBe(200);
  const late = await save(anna, id, box(5, 9));
  expect([late.status, late.headers.get('etag')]).toEqual([412, '"1"']);
  expect(await late.json()).toMatchObject({ code: 'REVISION_CONFLICT', got: expect.stringContaining('by Anna') });
  expect(await readMask(anna, id)).toEqual(box(0, 3));
  const blind = await anna.ask(`/api/annotations/${id}/mask`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: box(5, 9) as BodyInit,
  });
  expect(blind.status).toBe(428);
  const at = { revision: 1 };
  const both = await Promise.all([save(anna, id, box(1, 2), at), save(anna, id, box(2, 3), at)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  expect(await Array.fromAsync(server.services.objects.keys(`annotations/${id}`))).toHaveLength(1);
});

test('a label map may come alone; one of another size, with unknown classes, or too large is refused', async () => {
  const { id } = await open(anna, (await storeSeries()).series);
  const put = (body: Uint8Array, type: string, revision: number) =>
    anna.ask(`/api/annotations/${id}/mask`, {
      method: 'PUT',
      headers: { 'content-type': type, 'if-match': `"${revision}"` },
      body: body as BodyInit,
    });
  expect((await put(box(0, 3), 'application/octet-stream', 0)).status).toBe(422);
  expect((await save(anna, id, box(0, 3))).status).toBe(200);
  expect((await put(gzipSync(box(0, 4)), 'application/gzip', 1)).status).toBe(200);
  expect(await readMask(anna, id)).toEqual(box(0, 4));
  expect((await save(anna, id, box(0, 3, 7), { revision: 2 })).status).toBe(422);
  expect((await save(anna, id, new Uint8Array(5), { revision: 2 })).status).toBe(409);
  expect((await put(gzipSync(new Uint8Array(1 << 24)), 'application/gzip', 2)).status).toBe(400);
  expect((await put(new Uint8Array(1 << 20), 'application/octet-stream', 2)).status).toBe(413);
  expect((await put(Buffer.from('no gzip'), 'application/gzip', 2)).status).toBe(400);
});

test('the label map is given packed to who takes it, and not again to who has it', async () => {
  const { id } = await open(anna, (await storeSeries()).series);
  await save(anna, id, box(0, 3));
  const token = { authorization: `Bearer ${anna.token}` };
  const plain = await anna.ask(`/api/annotations/${id}/mask`, { headers: { 'accept-encoding': 'identity' } });
  expect(plain.headers.get('content-encoding')).toBeNull();
  const packed = await server.app.inject({
    url: `/api/annotations/${id}/mask`,
    headers: { ...token, 'accept-encoding': 'gzip' },
  });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(new Uint8Array(gunzipSync(packed.rawPayload))).toEqual(new Uint8Array(await plain.arrayBuffer()));
  const again = await server.app.inject({
    url: `/api/annotations/${id}/mask`,
    headers: { ...token, 'if-none-match': '"1"' },
  });
  expect(again.statusCode).toBe(304);
});

test('what is handed in is a SEG of the archive with the same voxels; rejected and handed in again it is another', async () => {
  const { series } = await storeSeries();
  const { id, study } = await open(anna, series);
  expect((await post(anna, `/api/annotations/${id}/submission`)).status).toBe(409);
  const mask = box(2, 5).map((value, i) => (i % 12 === 7 ? 2 : value));
  await save(anna, id, mask, { more: { model: 'hippocampus-1' } });
  const submitted = (await (await post(anna, `/api/annotations/${id}/submission`)).json()) as AnnotationAnswer;
  expect(submitted).toMatchObject({ state: 'submitted', segmentation: { instance: expect.any(String) } });
  const { archive, volumes } = server.services;
  const records = await archive.instances({ study, series: submitted.segmentation?.series ?? '' }, everywhere);
  expect(records).toHaveLength(1);
  const [record] = records;
  if (!record) return;
  const file = await readDicom(new Uint8Array(await archive.open(record).slice(0, record.sizeBytes).arrayBuffer()));
  const { volume } = await volumes.read(series, everywhere);
  const read = await readSegmentation(file, { grid: volume });
  expect(read.labels().voxels).toEqual(mask);
  expect(read.segments.map(({ label, color, algorithm }) => [label, color, algorithm.type, algorithm.name])).toEqual([
    ['Anterior', [0xe6, 0x55, 0x3c], 'SEMIAUTOMATIC', 'hippocampus-1'],
    ['Posterior', [0x3c, 0xa0, 0xe6], 'SEMIAUTOMATIC', 'hippocampus-1'],
  ]);
  expect(file.dataSet.string('ContentCreatorName')).toBe('Anna');
  const review = { state: 'rejected', comment: 'the tail is missing' };
  expect((await post(ben, `/api/annotations/${id}/review`, review)).status).toBe(200);
  await save(anna, id, box(2, 6), { revision: 1 });
  const again = (await (await post(anna, `/api/annotations/${id}/submission`)).json()) as AnnotationAnswer;
  expect(again.segmentation?.series).not.toBe(submitted.segmentation?.series);
  expect(await archive.instances({ study, series: submitted.segmentation?.series ?? '' }, everywhere)).toHaveLength(1);
  const found = (await anna.json(`/api/series/${series}/segmentations`)) as FoundSegmentation[];
  expect(found.map(({ annotation }) => annotation).toSorted()).toEqual([id, undefined]);
  const events = await server.services.audit.find({ entity: id });
  expect(events.map(({ action }) => action).toSorted()).toEqual([
    'annotation-rejected',
    'annotation-submitted',
    'annotation-submitted',
  ]);
});

test('nobody signs off his own work but who manages the project; what is signed off stays as it is', async () => {
  const { id } = await open(anna, (await storeSeries()).series);
  await save(anna, id, box(0, 3));
  expect((await post(ben, `/api/annotations/${id}/review`, { state: 'approved' })).status).toBe(409);
  await post(anna, `/api/annotations/${id}/submission`);
  expect((await post(anna, `/api/annotations/${id}/review`, { state: 'approved' })).status).toBe(403);
  const approved = await post(ben, `/api/annotations/${id}/review`, { state: 'approved' });
  const { study, state, review } = (await approved.json()) as AnnotationAnswer;
  expect({ state, by: review?.by }).toEqual({ state: 'approved', by: 'Ben' });
  const found = async (search: string) => {
    const { entry } = (await admin.json(`/fhir/${search}`)) as { entry: { resource: Record<string, unknown> }[] };
    return entry.map(({ resource }) => resource);
  };
  const [report] = await found('DiagnosticReport?status=final');
  expect(report).toMatchObject({ performer: [{ display: 'Anna' }], resultsInterpreter: [{ display: 'Ben' }] });
  const [imaging] = await found(`ImagingStudy?identifier=urn:oid:${study}`);
  const measured = await found(`Observation?derived-from=ImagingStudy/${imaging?.['id']}`);
  const volume = (value: number) => expect.objectContaining({ value, unit: 'cubic centimeter' });
  expect(measured.map(({ valueQuantity }) => valueQuantity)).toEqual(expect.arrayContaining([volume(0.36), volume(0)]));
  expect((await save(anna, id, box(0, 4), { revision: 1 })).status).toBe(409);
  expect((await anna.ask(`/api/annotations/${id}`, { method: 'DELETE' })).status).toBe(409);
  const own = await open(admin, (await storeSeries()).series);
  await save(admin, own.id, box(0, 3));
  await post(admin, `/api/annotations/${own.id}/submission`);
  expect((await post(admin, `/api/annotations/${own.id}/review`, { state: 'approved' })).status).toBe(200);
});

test('each has his own label map of a series; nobody changes that of another', async () => {
  const { series } = await storeSeries();
  const [first, second] = [await open(anna, series), await open(ben, series)];
  expect(first.id).not.toBe(second.id);
  expect((await save(ben, first.id, box(0, 3))).status).toBe(403);
  expect((await ben.ask(`/api/annotations/${first.id}`, { method: 'DELETE' })).status).toBe(403);
  expect(await ben.json(`/api/annotations?series=${series}`)).toHaveLength(2);
  expect((await anna.ask(`/api/annotations/${first.id}`, { method: 'DELETE' })).status).toBe(204);
  expect(await ben.json(`/api/annotations?series=${series}`)).toHaveLength(1);
});

test('what is in another project is not there', async () => {
  const { series } = await storeSeries();
  const { id, study } = await open(anna, series);
  await admin.json('/api/projects', { id: 'elsewhere', name: 'Elsewhere' });
  await server.services.archive.assign(study, 'elsewhere');
  expect((await anna.ask(`/api/annotations/${id}`)).status).toBe(404);
  expect((await anna.ask(`/api/annotations/${id}/mask`)).status).toBe(404);
  expect((await save(anna, id, box(0, 3))).status).toBe(404);
  expect((await post(anna, '/api/annotations', { series })).status).toBe(404);
  expect(await admin.json(`/api/annotations/${id}`)).toMatchObject({ project: 'elsewhere' });
});

test('a SEG from elsewhere is offered and begins a draft', async () => {
  const { series, slices } = await storeSeries();
  const { volume } = await server.services.volumes.read(series, everywhere);
  const drawn = box(3, 8, 2).map((value, i) => (i % 12 === 1 ? 1 : value));
  const algorithm = { type: 'MANUAL' } as const;
  const [category, type] = [codeNamed('SCT', 'AnatomicalStructure'), codeNamed('SCT', 'Liver')];
  const seg = buildSegmentation({
    source: slices,
    content: createVolume({ voxels: drawn, size: SIZE, voxelToLps: volume.voxelToLps }),
    segments: [
      { number: 1, label: 'left', category, type, algorithm },
      { number: 2, label: 'right', category, type, algorithm, color: [10, 200, 30] },
    ],
  });
  await store(seg);
  const [found] = (await anna.json(`/api/series/${series}/segmentations`)) as FoundSegmentation[];
  expect(found).toMatchObject({ segments: ['left', 'right'], instance: seg.string('SOPInstanceUID') });
  const from = found?.instance;
  const filled = (await anna.json('/api/annotations', { series, from })) as AnnotationAnswer;
  expect(filled).toMatchObject({
    revision: 1,
    segments: [{ name: 'left' }, { name: 'right', type: { value: type.value } }],
  });
  expect(await readMask(anna, filled.id)).toEqual(drawn);
  expect((await post(anna, '/api/annotations', { series, from })).status).toBe(409);
  expect((await post(ben, '/api/annotations', { series, from: '1.2.3' })).status).toBe(404);
});

test('annotators are compared: each pair, each against the majority and the consensus', async () => {
  const { series } = await storeSeries();
  for (const [person, mask] of [
    [anna, box(2, 6)],
    [ben, box(2, 6)],
    [admin, box(4, 8)],
  ] as const) {
    const { id } = await open(person, series);
    await save(person, id, mask, { segments: SEGMENTS.slice(0, 1) });
    await post(person, `/api/annotations/${id}/submission`);
  }
  const agreement = (await anna.json(`/api/series/${series}/agreement`)) as AgreementAnswer;
  expect(agreement.annotations).toHaveLength(3);
  expect(agreement.pairs.map(({ dice }) => dice).toSorted()).toEqual([0.5, 0.5, 1]);
  expect(agreement.majority.map(({ dice }) => dice).toSorted()).toEqual([0.5, 1, 1]);
  const worst = agreement.staple.toSorted((a, b) => a.sensitivity - b.sensitivity)[0];
  expect(worst?.sensitivity).toBeLessThan(0.6);
  for (const method of ['majority', 'staple']) {
    const consensus = await anna.ask(`/api/series/${series}/consensus?method=${method}`);
    expect(new Uint8Array(await consensus.arrayBuffer())).toEqual(box(2, 6));
  }
  expect((await anna.ask(`/api/series/${series}/consensus?method=best`)).status).toBe(400);
  const lonely = await storeSeries();
  expect((await anna.ask(`/api/series/${lonely.series}/consensus?method=staple`)).status).toBe(409);
});

test('who draws on beside his own label map has two; the one changed last is opened, each has its history', async () => {
  const { series } = await storeSeries();
  const first = await open(anna, series);
  await save(anna, first.id, box(0, 3));
  const second = (await anna.json('/api/annotations', { series, further: true })) as AnnotationAnswer;
  expect([first.number, second.number, second.revision]).toEqual([1, 2, 0]);
  expect((await open(anna, series)).id).toBe(second.id);
  await save(anna, first.id, box(0, 4), { revision: 1 });
  expect((await open(anna, series)).id).toBe(first.id);
  await post(anna, `/api/annotations/${first.id}/submission`);
  await post(ben, `/api/annotations/${first.id}/review`, { state: 'rejected', comment: 'the tail is missing' });
  await save(anna, first.id, box(0, 5), { revision: 2 });
  expect(await ben.json(`/api/annotations/${first.id}/history`)).toEqual([
    { state: 'draft', by: 'Anna', revision: 0, at: expect.any(String) },
    { state: 'submitted', by: 'Anna', revision: 2, at: expect.any(String) },
    { state: 'rejected', by: 'Ben', revision: 2, at: expect.any(String), comment: 'the tail is missing' },
    { state: 'draft', by: 'Anna', revision: 3, at: expect.any(String) },
  ]);
  expect(await anna.json(`/api/annotations/${second.id}/history`)).toHaveLength(1);
});

test('a project has its classes, each value once; until they are set, those that were handed in last', async () => {
  const put = (body: object) =>
    admin.ask('/api/projects/default/labels', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const { series } = await storeSeries();
  const { id } = await open(anna, series);
  await save(anna, id, box(0, 3));
  await post(anna, `/api/annotations/${id}/submission`);
  const { segments } = (await anna.json(`/api/annotations/${id}`)) as AnnotationAnswer;
  expect(segments.length).toBeGreaterThan(0);
  expect(await anna.json('/api/projects/default/labels')).toEqual(segments);
  expect((await put([SEGMENTS[0], SEGMENTS[0]] as object)).status).toBe(422);
  expect((await put(SEGMENTS)).status).toBe(200);
  expect(await anna.json('/api/projects/default/labels')).toEqual(SEGMENTS);
});

test('with a series its label maps go', async () => {
  const { series } = await storeSeries();
  const { id, study } = await open(anna, series);
  await save(anna, id, box(0, 3));
  await server.services.archive.remove({ study, series }, everywhere);
  expect((await anna.ask(`/api/annotations/${id}`)).status).toBe(404);
});
