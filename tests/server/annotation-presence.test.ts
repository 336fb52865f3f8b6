import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnnotationAnswer, Standing } from '@vesalius/api';
import { PERMISSIONS } from '@vesalius/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newAnnotator, numberedMask, type Size, saveDraft, storeScan } from './annotators.ts';
import { firstDay, type Person } from './signed-in.ts';
import { killServers, type StartedServer, startedServer } from './started-server.ts';

const SIZE: Size = [8, 8, 4];
let folder: string;
let server: StartedServer;
let admin: Person;
let anna: Person;
let ben: Person;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-presence-'));
  server = await startedServer(folder, '--no-samples');
  admin = await firstDay({ ...server, permissions: PERMISSIONS });
  anna = await newAnnotator(admin, server.url, 'Anna');
  ben = await newAnnotator(admin, server.url, 'Ben');
}, 60_000);
afterAll(async () => {
  killServers();
  await rm(folder, { recursive: true, force: true });
});

const open = async (person: Person, series: string) =>
  (await person.json('/api/annotations', { series })) as AnnotationAnswer;

interface Listener {
  /** Waits for a standing like this; those before it are passed over. */
  until(isIt: (standing: Standing) => boolean): Promise<Standing>;
  close(): void;
}

/** Listens as a page does. */
async function listen(person: Person, id: string, tab: string): Promise<Listener> {
  const gone = new AbortController();
  const answer = await person.ask(`/api/annotations/${id}/presence?tab=${tab}`, { signal: gone.signal });
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  const standings = standingsOf(answer);
  return {
    until: async (isIt) => {
      for (;;) {
        const { value } = await standings.next();
        if (value && isIt(value)) return value;
      }
    },
    close: () => gone.abort(),
  };
}

async function* standingsOf(answer: Response): AsyncGenerator<Standing> {
  let text = '';
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = `${text}${chunk}`.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events)
      if (event.startsWith('event: presence')) yield JSON.parse(event.slice(event.indexOf('data: ') + 6)) as Standing;
  }
}

const tell = async (person: Person, id: string, body: object) =>
  (await (
    await person.ask(`/api/annotations/${id}/presence`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json()) as Standing;

test('who is on the same study is told at once, and told again when the other leaves', async () => {
  const series = await storeScan(admin, SIZE);
  const [first, second] = [await open(anna, series), await open(ben, series)];
  const annas = await listen(anna, first.id, 'a');
  expect(await annas.until(() => true)).toMatchObject({ others: [], mayEdit: true });
  const bens = await listen(ben, second.id, 'b');
  const { others } = await bens.until(() => true);
  expect(others).toEqual([{ name: 'Anna', annotation: first.id, series, self: false, since: expect.any(String) }]);
  expect(await annas.until((told) => told.others.length === 1)).toMatchObject({
    others: [{ name: 'Ben' }],
    mayEdit: true,
  });
  bens.close();
  await annas.until((told) => told.others.length === 0);
  annas.close();
});

test('of two pages on one label map one edits: the other looks on, takes over, or edits when the first is gone', async () => {
  const { id } = await open(anna, await storeScan(admin, SIZE));
  const first = await listen(anna, id, 'first');
  await first.until(({ mayEdit }) => mayEdit);
  const second = await listen(anna, id, 'second');
  expect(await second.until(() => true)).toMatchObject({ mayEdit: false, others: [{ self: true }] });
  expect((await saveDraft(anna, { id, revision: 0 }, numberedMask(1, SIZE))).status).toBe(200);
  await second.until(({ annotation }) => annotation.revision === 1);
  expect(await tell(anna, id, { tab: 'second', act: 'take over' })).toMatchObject({ mayEdit: true });
  await first.until(({ mayEdit }) => !mayEdit);
  await second.until(({ mayEdit }) => mayEdit);
  await tell(anna, id, { tab: 'second', act: 'leave' });
  await first.until(({ mayEdit, others }) => mayEdit && others.length === 0);
  first.close();
  second.close();
});

test('a reviewer looks on and never keeps the annotator from editing; the verdict is told at once', async () => {
  const { id } = await open(anna, await storeScan(admin, SIZE));
  expect(await tell(ben, id, { tab: 'b' })).toMatchObject({ mayEdit: false, others: [] });
  expect(await tell(ben, id, { tab: 'b', act: 'take over' })).toMatchObject({ mayEdit: false });
  const annas = await listen(anna, id, 'a');
  await annas.until(({ mayEdit, others }) => mayEdit && others[0]?.name === 'Ben');
  await saveDraft(anna, { id, revision: 0 }, numberedMask(1, SIZE));
  await anna.ask(`/api/annotations/${id}/submission`, { method: 'POST' });
  await annas.until(({ annotation }) => annotation.state === 'submitted');
  await ben.json(`/api/annotations/${id}/review`, { state: 'rejected', comment: 'the tail is missing' });
  await annas.until(({ annotation }) => annotation.state === 'rejected');
  annas.close();
});
