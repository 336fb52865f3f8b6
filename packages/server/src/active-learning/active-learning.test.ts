import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { writeTinyBundle } from '@vesalius/bundle/testing';
import { buildSeries, createDicomFile, readDicom, readParametricMap, writeDicom } from '@vesalius/dicom';
import { createVolume } from '@vesalius/volume';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstDay, type Person } from '../../../../tests/server/signed-in.ts';
import { type RunningServer, startServer } from '../serve.ts';
import { DEFAULT_SETTINGS } from '../settings.ts';
import type { NextSeries } from './active-learning.ts';
import { epistemicScore } from './score-series.ts';

const everywhere = { projects: 'all' } as const;
let folder: string;
let server: RunningServer;
let admin: Person;
const stored: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vesalius-learning-'));
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const settings = { ...DEFAULT_SETTINGS, dataFolder: join(folder, 'data'), httpPort: 0, dimse };
  server = await startServer(settings, { log: pino({ level: 'silent' }) });
  admin = await firstDay(server);
  for (const seed of [3, 251, 7919]) stored.push(await storeScan(seed));
}, 60_000);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function storeScan(seed: number): Promise<string> {
  const voxels = Int16Array.from({ length: 16 ** 3 }, (_, i) => (i * seed) % 1009);
  const slices = buildSeries(createVolume({ voxels, size: [16, 16, 16] }), { modality: 'MR' });
  const options = { source: { kind: 'import', from: 'test' }, project: 'default', access: everywhere } as const;
  for (const slice of slices) await server.services.archive.store(await writeDicom(createDicomFile(slice)), options);
  return slices[0]?.string('SeriesInstanceUID') ?? '';
}

async function next(query: string): Promise<NextSeries> {
  return (await admin.json(`/api/projects/default/next?${query}`)) as NextSeries;
}

test('a strategy that needs a model says so where there is none', async () => {
  expect((await admin.ask('/api/projects/default/next?strategy=epistemic')).status).toBe(409);
  expect((await admin.ask('/api/projects/default/next?strategy=epistemic&model=none')).status).toBe(404);
});

test('first is the oldest; random is any of them', async () => {
  expect(await next('strategy=first')).toMatchObject({ series: stored[0], score: null, unscored: 0 });
  expect(await next(`strategy=first&except=${stored[0]}`)).toMatchObject({ series: stored[1] });
  const seen = new Set<string | null>();
  for (let i = 0; i < 60 && seen.size < 3; i++) seen.add((await next('strategy=random')).series);
  expect([...seen].toSorted()).toEqual(stored.toSorted());
});

test('answers at once and, when all are scored, with the one of which the model is least sure', async () => {
  const bundle = join(folder, 'tiny');
  await writeTinyBundle(bundle, { keys: join(folder, 'keys') });
  const { models, volumes } = server.services;
  const model = await models.add(bundle, { project: 'default' });
  const begun = await next('strategy=epistemic');
  expect(stored).toContain(begun.series);
  let answer = begun;
  for (; answer.unscored > 0; answer = await next('strategy=epistemic')) await setTimeout(50);
  const scores = await Promise.all(
    stored.map(async (series) => {
      const { volume } = await volumes.read(series, everywhere);
      return await epistemicScore((request) => models.predict(model, request), volume);
    }),
  );
  expect(answer.score).toBeCloseTo(Math.max(...scores), 5);
  expect(answer.series).toBe(stored[scores.indexOf(Math.max(...scores))]);
  expect(answer.score).toBeGreaterThan(0);
  let mirrored = await next(`strategy=test-time-augmentation&model=${model.id}`);
  for (; mirrored.unscored > 0; mirrored = await next('strategy=test-time-augmentation')) await setTimeout(50);
  expect(mirrored.score).toBeGreaterThan(0);
}, 60_000);

test('where a model is unsure is stored as a parametric map over the series', async () => {
  const [model] = await server.services.models.list(everywhere);
  const asked = (method: string) => ({ series: stored[0], method });
  const { job } = (await admin.json(`/api/models/${model?.id}/uncertainty`, asked('mirrors'))) as { job: string };
  let ended = await server.services.jobs.get(job);
  for (; ended?.state === 'waiting' || ended?.state === 'running'; ended = await server.services.jobs.get(job))
    await setTimeout(50);
  const { instance, series } = (ended?.result ?? {}) as { instance: string; series: string };
  const found = await server.services.archive.find({
    level: 'SERIES',
    match: [{ tag: '0020000E', value: series }],
    include: ['0020000D'],
    limit: 1,
    access: everywhere,
  });
  const study = String(found.matches[0]?.['0020000D']?.Value?.[0]);
  const answer = await admin.ask(`/dicom-web/studies/${study}/series/${series}/instances/${instance}`, {
    headers: { accept: 'application/dicom' },
  });
  const [map] = await readParametricMap(await readDicom(new Uint8Array(await answer.arrayBuffer())));
  expect(map?.volume.size).toEqual([16, 16, 16]);
  const values = [...(map?.volume.voxels ?? [])].map(Number);
  expect(Math.min(...values)).toBe(0);
  expect(Math.max(...values)).toBeGreaterThan(0.2);
  const { job: again } = (await admin.json(`/api/models/${model?.id}/uncertainty`, asked('mirrors'))) as {
    job: string;
  };
  expect((await admin.ended({ id: again, state: 'waiting' })).result).toEqual({ instance, series });
  const alone = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const body = JSON.stringify(asked('models'));
  expect((await admin.ask(`/api/models/${model?.id}/uncertainty`, { ...alone, body })).status).toBe(409);
}, 60_000);

test('what another has in work, and what was handed in, does not come', async () => {
  const { annotations } = server.services;
  const other = { id: 'other', name: 'Other', kind: 'person' } as const;
  await annotations.open(stored[0] ?? '', other, everywhere);
  expect((await next('strategy=first')).series).toBe(stored[1]);
  const { id } = (await admin.json('/api/annotations', { series: stored[1] })) as { id: string };
  expect((await next('strategy=first')).series).toBe(stored[1]);
  const segments = [{ value: 1, name: 'spot', color: '#ff0000' }];
  const content = { mask: new Uint8Array(16 ** 3).fill(1, 0, 9), segments };
  await annotations.save(id, content, { ifRevision: 0, access: everywhere });
  await admin.json(`/api/annotations/${id}/submission`, {});
  expect((await next('strategy=first')).series).toBe(stored[2]);
  expect((await next('strategy=epistemic')).series).toBe(stored[2]);
});
