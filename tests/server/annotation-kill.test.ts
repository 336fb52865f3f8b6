import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { AnnotationAnswer } from '@vesalius/api';
import { buildSeries, createDicomFile, writeDicom } from '@vesalius/dicom';
import { createVolume } from '@vesalius/volume';
import { afterEach, expect, test } from 'vitest';
import { firstDay, type Person, personWith } from './signed-in.ts';
import { killServers, startedServer } from './started-server.ts';

const SIZE = [96, 96, 48] as const;
const VOXELS = 96 * 96 * 48;
let folder = '';

afterEach(async () => {
  killServers();
  await rm(folder, { recursive: true, force: true });
});

/** Hard to compress and another one each time, so that a save takes its time and none passes for another. */
function maskOf(revision: number): Uint8Array {
  let state = revision + 1;
  return Uint8Array.from({ length: VOXELS }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 30 > 1 ? 1 : 0;
  });
}

async function storeScan(person: Person): Promise<string> {
  const scan = createVolume({ voxels: Int16Array.from({ length: VOXELS }, (_, i) => i % 1009), size: SIZE });
  const slices = buildSeries(scan, { modality: 'MR' });
  for (const slice of slices) {
    const body = (await writeDicom(createDicomFile(slice))) as BodyInit;
    const headers = { 'content-type': 'application/dicom' };
    expect((await person.ask('/dicom-web/studies', { method: 'POST', headers, body })).status).toBe(200);
  }
  return slices[0]?.string('SeriesInstanceUID') ?? '';
}

async function save(person: Person, id: string, revision: number): Promise<number> {
  const form = new FormData();
  form.append('content', JSON.stringify({ segments: [{ value: 1, name: 'spot', color: '#ff0000' }] }));
  form.append('mask', new Blob([maskOf(revision + 1) as BlobPart], { type: 'application/octet-stream' }));
  const headers = { 'if-match': `"${revision}"` };
  const answer = await person.ask(`/api/annotations/${id}/mask`, { method: 'PUT', headers, body: form });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as AnnotationAnswer).revision;
}

test('a server that is killed while it saves has the last draft that it acknowledged, whole', async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-draft-'));
  let server = await startedServer(folder);
  let person = await firstDay(server);
  const series = await storeScan(person);
  const { id } = (await person.json('/api/annotations', { series })) as AnnotationAnswer;
  let acknowledged = 0;
  for (const afterMs of [150, 420]) {
    const saving = (async () => {
      for (;;) acknowledged = await save(person, id, acknowledged);
    })();
    const died = expect(saving).rejects.toThrow();
    await setTimeout(afterMs);
    await server.kill();
    await died;
    server = await startedServer(folder);
    person = personWith(server.url, person.token);
    const { revision } = (await person.json(`/api/annotations/${id}`)) as AnnotationAnswer;
    // What was under way may be there too, but never by halves.
    expect([acknowledged, acknowledged + 1]).toContain(revision);
    const mask = new Uint8Array(await (await person.ask(`/api/annotations/${id}/mask`)).arrayBuffer());
    expect(Buffer.compare(mask, revision === 0 ? new Uint8Array(VOXELS) : maskOf(revision))).toBe(0);
    expect(await masksBelow(id)).toHaveLength(revision === 0 ? 0 : 1);
    acknowledged = revision;
  }
  expect(acknowledged).toBeGreaterThan(0);
}, 60_000);

async function masksBelow(id: string): Promise<string[]> {
  return readdir(join(folder, 'data', 'objects', 'annotations', id)).catch(() => []);
}
