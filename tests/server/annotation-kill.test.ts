import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { AnnotationAnswer } from '@vesalius/api';
import { afterEach, expect, test } from 'vitest';
import { numberedMask, readDraft, saveDraft, storeScan } from './annotators.ts';
import { firstDay, personWith } from './signed-in.ts';
import { killServers, startedServer } from './started-server.ts';

const SIZE = [96, 96, 48] as const;
let folder = '';

afterEach(async () => {
  killServers();
  await rm(folder, { recursive: true, force: true });
});

test('a server that is killed while it saves has the last draft that it acknowledged, whole', async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-draft-'));
  let server = await startedServer(folder);
  let person = await firstDay(server);
  const series = await storeScan(person, SIZE);
  const { id } = (await person.json('/api/annotations', { series })) as AnnotationAnswer;
  let acknowledged = 0;
  for (const afterMs of [150, 420]) {
    const saving = (async () => {
      for (;;) {
        const saved = await saveDraft(person, { id, revision: acknowledged }, numberedMask(acknowledged + 1, SIZE));
        acknowledged = ((await saved.json()) as AnnotationAnswer).revision;
      }
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
    const mask = await readDraft(person, id);
    expect(Buffer.compare(mask, revision === 0 ? new Uint8Array(mask.length) : numberedMask(revision, SIZE))).toBe(0);
    expect(await masksBelow(id)).toHaveLength(revision === 0 ? 0 : 1);
    acknowledged = revision;
  }
  expect(acknowledged).toBeGreaterThan(0);
}, 60_000);

async function masksBelow(id: string): Promise<string[]> {
  return readdir(join(folder, 'data', 'objects', 'annotations', id)).catch(() => []);
}
