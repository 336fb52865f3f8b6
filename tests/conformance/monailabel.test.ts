import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { readNifti, readNrrd } from '@vesalius/volume';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MultipartParser } from '../../packages/server/src/http/multipart/multipart-parser.ts';
import { type MonailabelServer, serveMonailabel } from './monailabel-server.ts';

let server: MonailabelServer;
let token: string;
let label: Uint8Array;
beforeAll(async () => {
  server = await serveMonailabel({ auth: true });
  const { user, alone, scans } = server;
  const form = new URLSearchParams({ username: user.name, password: user.password, grant_type: 'password' });
  const answer = await fetch(`${alone}/auth/token`, { method: 'POST', body: form });
  token = ((await answer.json()) as { access_token: string }).access_token;
  label = (await readNifti(await readFile(scans[0]?.label ?? ''))).voxels as Uint8Array;
}, 120_000);
afterAll(() => server?.close());

const series = (i = 0) => server.scans[i]?.series ?? '';
const ask = (path: string, init: RequestInit = {}) =>
  fetch(server.alone + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
const json = async (path: string, init: RequestInit = {}) => {
  const answer = await ask(path, init);
  expect([path, answer.status]).toEqual([path, 200]);
  return (await answer.json()) as Record<string, unknown>;
};
const formOf = (params: object, files: Record<string, readonly [string, Uint8Array]> = {}) => {
  const form = new FormData();
  form.set('params', JSON.stringify(params));
  for (const [field, [name, bytes]] of Object.entries(files)) form.set(field, new Blob([new Uint8Array(bytes)]), name);
  return form;
};

/** What comes back on a connection, until the server ends it. */
function exchange(text: string): Promise<string> {
  const { hostname, port } = new URL(server.alone);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

test.each(['GET', 'DELETE'])(
  '%s with the length of a body that never comes is answered, then the connection ends',
  async (method) => {
    const lines = [`${method} /train/ HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${token}`];
    const began = Date.now();
    const answer = await exchange(
      [...lines, 'Content-Type: application/json', 'Content-Length: 91', '', ''].join('\r\n'),
    );
    expect(answer).toMatch(method === 'GET' ? /^HTTP\/1\.1 404/ : /^HTTP\/1\.1 200/);
    expect(answer).toMatch(/connection: close/i);
    expect(Date.now() - began).toBeLessThan(3000);
  },
);

test('a prediction comes as a form in one piece', async () => {
  const answer = await ask(`/infer/${server.model}?image=${series()}`, { method: 'POST', body: formOf({}) });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('transfer-encoding')).toBeNull();
  const bytes = new Uint8Array(await answer.arrayBuffer());
  expect(answer.headers.get('content-length')).toBe(String(bytes.length));
  const parser = new MultipartParser(/boundary=(\w+)/.exec(answer.headers.get('content-type') ?? '')?.[1] ?? '');
  const heads = [...parser.push(bytes)].flatMap((event) =>
    event.kind === 'part' ? [event.headers.get('content-disposition')] : [],
  );
  parser.end();
  expect(heads).toEqual(['form-data; name="params"', `form-data; name="image"; filename="${series()}.nii.gz"`]);
});

test('OHIF gets a bare NRRD, and its bare bytes become a final label and a SEG', async () => {
  const params = { result_extension: '.nrrd', result_dtype: 'uint8', result_compress: false, restore_label_idx: false };
  const answer = await ask(`/infer/${server.model}?image=${series()}&output=image`, {
    method: 'POST',
    body: formOf(params),
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  expect(new TextDecoder().decode(bytes.subarray(0, 400))).not.toContain('space units');
  const { voxels } = await readNrrd(bytes);
  expect(bytes.subarray(-voxels.length)).toEqual(voxels);

  const saved = await json(`/datastore/label?image=${series(1)}`, {
    method: 'PUT',
    body: formOf({ label_info: [{ name: 'ball', idx: 1 }] }, { label: ['label.bin', label] }),
  });
  expect(saved).toMatchObject({
    image: series(1),
    label: series(1),
    SeriesInstanceUID: expect.stringMatching(/^[\d.]+$/),
  });
  const back = await ask(`/datastore/label?label=${series(1)}&tag=final`);
  expect(back.headers.get('content-disposition')).toBe(`attachment; filename="${series(1)}.nii.gz"`);
  expect((await readNifti(new Uint8Array(await back.arrayBuffer()))).voxels).toEqual(label);
  const segs = await ask(`/proxy/dicom/qido/studies/${server.scans[1]?.study}/series?Modality=SEG`);
  expect((await segs.json()) as unknown[]).toHaveLength(1);
});

test('a SEG of a prediction can be had without keeping it', async () => {
  const answer = await ask(`/infer/${server.model}?image=${series(2)}&output=dicom_seg`, {
    method: 'POST',
    body: formOf({}),
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/dicom']);
  expect(Buffer.from(await answer.arrayBuffer()).toString('latin1', 128, 132)).toBe('DICM');
});

test('an image is compared by its checksum', async () => {
  const image = new Uint8Array(await (await ask(`/datastore/image?image=${series()}`)).arrayBuffer());
  const sum = createHash('sha256').update(image).digest('hex');
  const head = async (query: string) => (await ask(`/datastore/image?image=${query}`, { method: 'HEAD' })).status;
  expect(await head(series())).toBe(200);
  expect(await head(`${series()}&check_sum=SHA256:${sum}`)).toBe(200);
  expect(await head(`${series()}&check_sum=SHA256:${sum.replace(/^./, 'x')}`)).toBe(404);
  expect(await head('1.2.3')).toBe(404);
});

test('the proxy leads to DICOMweb alone, with the rights of the one who asks', async () => {
  const status = async (path: string, headers = {}) => (await ask(path, { headers })).status;
  expect(await status('/proxy/dicom/qido/studies')).toBe(200);
  expect(await status(`/proxy/dicom/qido/studies/${server.scans[0]?.study}/series/${series()}/metadata`)).toBe(200);
  for (const path of ['..%2fapi/me', 'studies%2f..%2f..%2fapi%2fme', '%2e%2e/api/users', 'api/users'])
    expect([path, await status(`/proxy/dicom/wado/${path}`)]).toEqual([path, 404]);
  expect(await status('/proxy/dicom/qido/studies', { authorization: 'Bearer vsl_0000000000000000_x' })).toBe(401);
  expect((await fetch(`${server.alone}/proxy/dicom/qido/studies`)).status).toBe(401);
});

test('batch inference and scoring are tasks that end', async () => {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"max_batch_size": 2}' };
  const task = await json(`/batch/infer/${server.model}?images=unlabeled`, post);
  expect(task).toMatchObject({
    id: expect.any(String),
    request: { model: server.model },
    start_ts: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
  });
  expect(await ended('/batch/infer')).toMatchObject({
    id: task['id'],
    status: 'DONE',
    details: [expect.stringContaining('1 / 2'), expect.stringContaining('2 / 2')],
  });
  const labels = (await json('/datastore/?output=all'))['objects'] as Record<string, { labels: object }>;
  expect(Object.values(labels).filter((object) => 'original' in object.labels)).toHaveLength(2);
  const [proposed = ''] = Object.entries(labels).flatMap(([id, object]) => ('original' in object.labels ? [id] : []));
  await json(`/datastore/label?image=${proposed}`, {
    method: 'PUT',
    body: formOf({}, { label: ['label.bin', label] }),
  });
  const scores = await json('/scoring/dice?run_sync=true', { method: 'POST' });
  expect(scores).toEqual({ [proposed]: expect.any(Number) });
});

async function ended(path: string): Promise<unknown> {
  for (;;) {
    const task = await json(path);
    if (task['status'] !== 'SUBMITTED' && task['status'] !== 'RUNNING') return task;
    await setTimeout(50);
  }
}

test('the data set is a zip of what is labelled', async () => {
  const answer = await ask('/datastore/dataset');
  const text = Buffer.from(await answer.arrayBuffer()).toString('latin1');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="dataset.zip"');
  expect(text).toContain(`labels/final/${series(1)}.nii.gz`);
  expect(text.startsWith('PK')).toBe(true);
});

test('a session is its owner’s, and nothing of the server is told of it', async () => {
  const form = new FormData();
  form.set('files', new Blob([await readFile(server.scans[0]?.file ?? '')]), 'scan.nii.gz');
  const { session_id, session_info } = await json('/session/', { method: 'PUT', body: form });
  expect(JSON.stringify(session_info)).not.toContain(server.folder);
  expect((await fetch(`${server.alone}/session/${session_id}`)).status).toBe(401);
  const file = await ask(`/session/${session_id}?image=true`);
  expect(file.headers.get('content-disposition')).toBe('attachment; filename="scan.nii.gz"');
  expect(
    (await ask(`/infer/${server.model}?session_id=${session_id}`, { method: 'POST', body: formOf({}) })).status,
  ).toBe(200);
  await json(`/session/${session_id}`, { method: 'DELETE' });
  expect((await ask(`/session/${session_id}`)).status).toBe(404);
});

test('errors say in words what is wrong', async () => {
  const cases = [
    ['/infer/nothing?image=1.2', 404, 'model'],
    [`/infer/${server.model}`, 400, 'image'],
    [`/infer/${server.model}?image=1.2`, 404, 'image'],
    ['/activelearning/nothing', 404, 'strategy'],
  ] as const;
  for (const [path, status, word] of cases) {
    const answer = await ask(path, { method: 'POST', body: formOf({}) });
    expect([path, answer.status]).toEqual([path, status]);
    expect(((await answer.json()) as { detail: string }).detail).toContain(word);
  }
});
