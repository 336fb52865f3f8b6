import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type ModelSource, type NewTraining, ROUTES, type TrainingResources } from '@vesalius/api';
import { readVolume } from '@vesalius/volume';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstDay, type Person, personWith } from '../../../../tests/server/signed-in.ts';
import { type RunningServer, startServer } from '../serve.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import { exportLabelled } from './export-labelled.ts';
import { storeLabelled } from './store-labelled.ts';
import type { Training } from './trainings.ts';

const PROGRAM = join(import.meta.dirname, '../../../cli/bin/vesalius.js');
const program = { command: process.execPath, args: [PROGRAM] };
let folder: string;
let server: RunningServer;
let admin: Person;

async function start(dataFolder: string): Promise<RunningServer> {
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const settings = { ...DEFAULT_SETTINGS, dataFolder, httpPort: 0, dimse, program };
  return startServer(settings, { log: pino({ level: 'silent' }) });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vesalius-trainings-'));
  server = await start(join(folder, 'data'));
  admin = await firstDay(server);
  await storeLabelled(server.services, 4);
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
}, 30_000);

const request = (more: Partial<NewTraining> = {}): NewTraining =>
  ROUTES.startTraining.body.parse({ name: 'spots', project: 'default', labels: 'submitted', ...more });

async function begin(more: Partial<NewTraining>): Promise<Training> {
  return (await admin.json('/api/trainings', request(more))) as Training;
}

async function reached(id: string, ...states: readonly Training['state'][]): Promise<Training> {
  for (;;) {
    const training = (await admin.json(`/api/trainings/${id}`)) as Training;
    if (states.includes(training.state)) return training;
    if (training.endedAt !== undefined) throw new Error(`ended: ${JSON.stringify(training)}`);
    await setTimeout(100);
  }
}

const post = (path: string) => admin.ask(path, { method: 'POST' });

test('labelled series become a data folder in which no patient can be told and none is split', async () => {
  const data = join(folder, 'exported');
  const options = { folder: data, signal: new AbortController().signal, progress: () => undefined };
  expect(await exportLabelled(server.services, { request: request(), ...options })).toBe(4);
  const names = readdirSync(join(data, 'labelsTr'));
  expect(new Set(names.map((name) => name.slice(0, 5)))).toEqual(new Set(['p0001', 'p0002']));
  const description = readFileSync(join(data, 'dataset.json'), 'utf8');
  expect(JSON.parse(description)).toMatchObject({ labels: { background: 0, spot: 1 }, channel_names: { 0: 'MR' } });
  const [name = ''] = names;
  const label = await readVolume(readFileSync(join(data, 'labelsTr', name)), name);
  const bytes = readFileSync(join(data, 'imagesTr', name.replace('.nii.gz', '_0000.nii.gz')));
  const image = await readVolume(bytes, name);
  expect(image.size).toEqual(label.size);
  expect([...label.voxels].filter((value) => Number(value) === 1).length).toBeGreaterThan(100);
  expect(description + String(bytes)).not.toContain('secret');
});

test('trains, registers the model, keeps curves and event files', async () => {
  const { id } = await begin({ steps: 12 });
  const { model, cases, progress } = await reached(id, 'succeeded');
  expect([cases, progress]).toEqual([4, 1]);
  expect(await admin.json(`/api/models/${model}`)).toMatchObject({
    ...{ name: 'spots', training: id },
    trainedOn: { studies: 2, series: 2, validationSeries: 2, annotatorSeconds: 120 },
  });
  const sources = (await admin.json(`/api/models/${model}/sources`)) as ModelSource[];
  expect(new Set(sources.map(({ use }) => use))).toEqual(new Set(['training', 'validation']));
  expect(await admin.json(`/api/annotations/${sources[0]?.annotation}`)).toMatchObject({
    series: sources[0]?.series,
    revision: sources[0]?.revision,
  });
  const curves = (await admin.json(`/api/trainings/${id}/scalars`)) as { tag: string; points: unknown[] }[];
  expect(curves.find(({ tag }) => tag === 'train/loss')?.points.length).toBeGreaterThan(0);
  expect(curves.find(({ tag }) => tag === 'validation/dice/mean')?.points).toHaveLength(1);
  const resources = (await admin.json(`/api/trainings/${id}/resources`)) as TrainingResources;
  expect(resources.runBytes).toBeGreaterThan(1000);
  expect(resources.diskFreeBytes).toBeGreaterThan(resources.runBytes);
  const files = (await admin.json(`/api/trainings/${id}/files`)) as { path: string }[];
  const events = files.find(({ path }) => path.includes('tfevents'));
  expect((await admin.ask(`/api/trainings/${id}/files/${events?.path}`)).status).toBe(200);
  expect(files.filter(({ path }) => /^pictures\/00000012\/.*axial\.png$/.test(path)).length).toBeGreaterThan(0);
  expect(existsSync(join(folder, 'data', 'training-data', id))).toBe(false);
  expect((await admin.ask(`/api/trainings/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect(existsSync(join(folder, 'data', 'trainings', id))).toBe(false);
  expect((await admin.ask(`/api/models/${model}`)).status).toBe(200);
});

test('is paused, survives a restart of the server, goes on, and is stopped for good', async () => {
  const { id } = await begin({ budgetMinutes: 10 });
  const second = await begin({ steps: 5 });
  await reached(id, 'running');
  expect(await admin.json(`/api/trainings/${second.id}`)).toMatchObject({ state: 'preparing' });
  await setTimeout(3000);
  await server.close();
  server = await start(join(folder, 'data'));
  admin = personWith(server.url, admin.token);
  await reached(id, 'running');
  expect((await post(`/api/trainings/${id}/pause`)).status).toBe(204);
  await reached(id, 'paused');
  expect((await post(`/api/trainings/${id}/pause`)).status).toBe(409);
  expect((await post(`/api/trainings/${second.id}/stop`)).status).toBe(204);
  await reached(second.id, 'stopped');
  expect((await post(`/api/trainings/${id}/resume`)).status).toBe(204);
  await reached(id, 'running');
  expect((await post(`/api/trainings/${id}/stop`)).status).toBe(204);
  await reached(id, 'stopped');
  expect(readFileSync(join(folder, 'data', 'trainings', id, 'log.jsonl'), 'utf8')).toContain('"step"');
});

test('a training that fails says what its process said', async () => {
  const { id } = await begin({ recipe: 'hippocampus', steps: 5 });
  const { error, endedAt } = await reached(id, 'failed').catch(
    () => admin.json(`/api/trainings/${id}`) as Promise<Training>,
  );
  expect(endedAt).toBeDefined();
  expect(error?.message.length).toBeGreaterThan(10);
});

test('what cannot be trained is refused at once', async () => {
  const ask = (more: object) =>
    admin.ask('/api/trainings', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request(), ...more }),
    });
  expect((await ask({ labels: 'approved' })).status).toBe(409);
  expect((await ask({ recipe: '--plan' })).status).toBe(400);
  expect((await ask({ recipe: '/etc' })).status).toBe(400);
  expect((await ask({ project: 'none' })).status).toBe(404);
  expect((await admin.ask('/api/trainings/none')).status).toBe(404);
});

test('another project sees nothing of a training', async () => {
  const { trainings } = server.services;
  const [one] = await trainings.list({ projects: 'all' });
  const elsewhere = { projects: ['other'] };
  expect(await trainings.list(elsewhere)).toEqual([]);
  expect(await trainings.get(one?.id ?? '', elsewhere)).toBeUndefined();
  expect(await trainings.remove(one?.id ?? '', elsewhere)).toBe(false);
});
