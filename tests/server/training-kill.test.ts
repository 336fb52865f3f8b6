import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, expect, test } from 'vitest';
import { startServer } from '../../packages/server/src/serve.ts';
import { DEFAULT_SETTINGS } from '../../packages/server/src/settings.ts';
import { storeLabelled } from '../../packages/server/src/trainings/store-labelled.ts';
import type { Training } from '../../packages/server/src/trainings/trainings.ts';
import { firstDay, type Person, personWith } from './signed-in.ts';
import { killServers, startedServer } from './started-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-training-kill-'));
afterAll(() => {
  killServers();
  rmSync(folder, { recursive: true, force: true });
});

async function reached(person: Person, id: string, isThere: (training: Training) => boolean): Promise<Training> {
  for (;;) {
    const training = (await person.json(`/api/trainings/${id}`)) as Training;
    if (isThere(training) || training.endedAt !== undefined) return training;
    await setTimeout(100);
  }
}

test('a training goes on where it was after its server was killed', async () => {
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const settings = { ...DEFAULT_SETTINGS, dataFolder: join(folder, 'data'), httpPort: 0, dimse };
  const first = await startServer(settings, { log: pino({ level: 'silent' }) });
  const { token } = await firstDay(first);
  await storeLabelled(first.services, 4);
  await first.close();

  const killed = await startedServer(folder);
  const body = { name: 'spots', project: 'default', labels: 'submitted', steps: 80 };
  const { id } = (await personWith(killed.url, token).json('/api/trainings', body)) as Training;
  await reached(personWith(killed.url, token), id, ({ message }) => message?.startsWith('Training') ?? false);
  await killed.kill();

  const again = await startedServer(folder);
  const ended = await reached(personWith(again.url, token), id, () => false);
  expect(ended).toMatchObject({ state: 'succeeded', progress: 1 });
  const log = readFileSync(join(folder, 'data', 'trainings', id, 'log.jsonl'), 'utf8')
    .trim()
    .split('\n');
  const steps = log.map((line) => JSON.parse(line) as { event: string; step: number });
  // The process of the killed server saved what it had done; no step was logged twice.
  const saved = steps.find(({ event }) => event === 'checkpoint')?.step ?? 0;
  expect(saved > 0 && saved < 80).toBe(true);
  const logged = steps.filter(({ event }) => event === 'step').map(({ step }) => step);
  expect(new Set(logged).size).toBe(logged.length);
  expect(await again.stop()).toBe(0);
}, 120_000);
