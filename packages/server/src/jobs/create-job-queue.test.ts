import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { afterAll, afterEach, test as every, expect } from 'vitest';
import type { Database } from '../store/database.ts';
import { openPostgres } from '../store/open-postgres.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import { POSTGRES_PROGRAMS, type PostgresUnderTest, startPostgres } from '../store/postgres-under-test.ts';
import { createJobQueue, type JobQueueOptions, type RunningJobQueue } from './create-job-queue.ts';
import type { Job } from './job-queue.ts';
import { JobStore } from './job-store.ts';
import { jobMigrations } from './migrations.ts';

const QUICK = { pollMs: 20, progressMs: 10, backOffMs: 5 };
const REQUEST = { kind: 'count', input: { to: 3 }, project: 'default', principal: 'reader' };

/** One queue for every kind of database. */
const DATABASES: Readonly<Record<string, () => Promise<Database>>> = {
  SQLite: async () => openSqlite(join(await mkdtemp(join(tmpdir(), 'vesalius-jobs-')), 'x.sqlite')),
  PostgreSQL: async () => {
    postgres ??= await startPostgres();
    return openPostgres(await postgres.createDatabase());
  },
};
let postgres: PostgresUnderTest | undefined;

const databases: Database[] = [];
const queues: RunningJobQueue[] = [];

afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.stop(100);
  for (const database of databases.splice(0)) await database.close();
});

afterAll(() => postgres?.stop());

for (const [name, open] of Object.entries(DATABASES)) {
  const test = every.skipIf(name === 'PostgreSQL' && !POSTGRES_PROGRAMS);

  test(`${name}: does a job, tells its progress to who follows it, and keeps its result`, async () => {
    const database = await opened(open);
    const queue = queueOf(database);
    queue.register<{ to: number }>('count', async ({ input, progress }) => {
      progress(0.5, 'half');
      await pause(50);
      return { counted: input.to };
    });
    await queue.start();
    const { id } = await queue.enqueue(REQUEST);
    const seen = await followed(queue, id);
    expect(seen.some(({ progress, message }) => progress === 0.5 && message === 'half')).toBe(true);
    expect(seen.at(-1)).toMatchObject({ state: 'succeeded', progress: 1, attempt: 1, result: { counted: 3 } });
    expect(await queue.list({ state: 'succeeded', projects: ['default'] })).toHaveLength(1);
    expect(await queue.list({ projects: ['other'] })).toEqual([]);
    expect(await queue.list({ projects: [] })).toEqual([]);
  });

  test(`${name}: tries again what may pass, and not what would come again`, async () => {
    const database = await opened(open);
    const queue = queueOf(database);
    let passing = 0;
    queue.register('passing', async () => {
      if (++passing < 3) throw new VesaliusError('PEER_TIMEOUT', { what: 'peer' });
    });
    queue.register('lasting', async () => {
      throw new VesaliusError('FILE_FORMAT', { what: 'zip' });
    });
    queue.register('unforeseen', async () => {
      throw new RangeError('Jones^Anna');
    });
    await queue.start();
    const ended = async (kind: string) => {
      const { id } = await queue.enqueue({ ...REQUEST, kind });
      return (await followed(queue, id)).at(-1);
    };
    expect(await ended('passing')).toMatchObject({ state: 'succeeded', attempt: 3 });
    expect(await ended('lasting')).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'FILE_FORMAT' } });
    const unforeseen = await ended('unforeseen');
    expect(unforeseen).toMatchObject({ state: 'failed', attempt: 3, error: { code: 'DEFECT' } });
    expect(JSON.stringify(unforeseen)).not.toContain('Jones');
  });

  test(`${name}: cancels a job that waits and one that runs, and none that has ended`, async () => {
    const database = await opened(open);
    const queue = queueOf(database, { concurrency: 1 });
    queue.register('count', ({ signal }) => untilAborted(signal));
    await queue.start();
    const [running, waiting] = [await queue.enqueue(REQUEST), await queue.enqueue(REQUEST)];
    await until(async () => (await queue.get(running.id))?.state === 'running');
    expect(await queue.cancel(waiting.id)).toBe(true);
    expect(await queue.cancel(running.id)).toBe(true);
    expect((await followed(queue, running.id)).at(-1)?.state).toBe('cancelled');
    expect((await queue.get(waiting.id))?.state).toBe('cancelled');
    expect(await queue.cancel(running.id)).toBe(false);
    expect(await queue.cancel('none')).toBe(false);
  });

  test(`${name}: what was kept for a job is put away when it has ended for good, however it did`, async () => {
    const database = await opened(open);
    const queue = queueOf(database);
    const putAway: unknown[] = [];
    const ended = async (input: unknown) => void putAway.push(input);
    let tries = 0;
    queue.register(
      'count',
      async () => {
        if (++tries === 1) throw new VesaliusError('PEER_TIMEOUT', { what: 'peer' });
        if (tries === 3) throw new VesaliusError('FILE_FORMAT', { what: 'zip' });
      },
      { ended },
    );
    const waiting = await queue.enqueue({ ...REQUEST, input: 'cancelled' });
    await queue.cancel(waiting.id);
    await queue.start();
    for (const input of ['succeeded', 'failed']) await followed(queue, (await queue.enqueue({ ...REQUEST, input })).id);
    await until(async () => putAway.length === 3);
    expect(putAway).toEqual(['cancelled', 'succeeded', 'failed']);
  });

  test(`${name}: one that was stopped in the middle is begun again after the next start, as its first attempt`, async () => {
    const database = await opened(open);
    const first = queueOf(database);
    first.register('count', ({ signal }) => untilAborted(signal));
    await first.start();
    const { id } = await first.enqueue(REQUEST);
    await until(async () => (await first.get(id))?.state === 'running');
    await first.stop(1000);
    expect(await first.get(id)).toMatchObject({ state: 'waiting', attempt: 0 });
    const second = queueOf(database);
    second.register('count', async () => 'done');
    await second.start();
    expect((await followed(second, id)).at(-1)).toMatchObject({ state: 'succeeded', attempt: 1, result: 'done' });
  });

  test(`${name}: takes over from a server that gives no sign of life, from which nothing is taken any more`, async () => {
    const database = await opened(open);
    const queue = queueOf(database);
    const { id } = await queue.enqueue(REQUEST);
    const dead = new JobStore(database);
    const claim = { id, holder: 'dead', attempt: 1 };
    expect(await dead.claim(['count'], claim.holder, 1)).toMatchObject({ id, attempt: 1 });
    await pause(5);
    queue.register('count', async () => 'in time');
    await queue.start();
    expect((await followed(queue, id)).at(-1)).toMatchObject({ state: 'succeeded', attempt: 2, result: 'in time' });
    expect(await dead.renew(claim, 1000)).toBeUndefined();
    expect(await dead.end(claim, 'succeeded', { result: '"late"' })).toBe(false);
    expect((await queue.get(id))?.result).toBe('in time');
  });

  test(`${name}: a job that took its server down every time fails at last`, async () => {
    const database = await opened(open);
    const queue = queueOf(database, { alone: true });
    await database
      .tables<{ job: Record<string, unknown> }>()
      .insertInto('job')
      .values({
        ...{ id: 'deadly', kind: 'count', project: 'default', principal: 'reader', input: '{}', state: 'running' },
        ...{ progress: 0, attempt: 3, ready_at: '2026-01-01', holder: 'gone', lease_until: '2999-01-01' },
        ...{ cancel_requested: 0, revision: 7, created_at: '2026-01-01' },
      })
      .execute();
    queue.register('count', async () => 'never');
    await queue.start();
    expect((await followed(queue, 'deadly')).at(-1)).toMatchObject({
      state: 'failed',
      error: { code: 'RUNTIME_FAILED' },
    });
  });

  test(`${name}: two servers never do one job twice`, async () => {
    const database = await opened(open);
    const done: string[] = [];
    for (const queue of [queueOf(database), queueOf(database)]) {
      queue.register('count', async ({ id }) => {
        done.push(id);
        await pause(2);
      });
      await queue.start();
    }
    const [queue] = queues;
    const jobs = await Promise.all(Array.from({ length: 20 }, () => queue?.enqueue(REQUEST)));
    await until(async () => (await queue?.list({ state: 'succeeded' }))?.length === 20);
    expect(done.toSorted()).toEqual(jobs.map((job) => job?.id).toSorted());
  });
}

async function opened(open: () => Promise<Database>): Promise<Database> {
  const database = await open();
  databases.push(database);
  await database.migrate(jobMigrations);
  return database;
}

function queueOf(database: Database, options: JobQueueOptions = {}): RunningJobQueue {
  const queue = createJobQueue(database, { ...QUICK, ...options });
  queues.push(queue);
  return queue;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 500) throw new VesaliusError('PEER_TIMEOUT', { what: 'what a test waits for' });
    await pause(10);
  }
}

async function followed(queue: RunningJobQueue, id: string): Promise<Job[]> {
  return Array.fromAsync(queue.follow(id, AbortSignal.timeout(10_000)));
}
