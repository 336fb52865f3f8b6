import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createJobQueue } from '../jobs/create-job-queue.ts';
import { jobMigrations } from '../jobs/migrations.ts';
import type { Database } from '../store/database.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import { monailabelMigrations } from './migrations.ts';
import { isActive, openTasks, type TaskContext, type Tasks } from './tasks.ts';

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-tasks-'));
  database = openSqlite(join(folder, 'x.sqlite'));
  await database.migrate([...jobMigrations, ...monailabelMigrations]);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
});

const ACCESS = { projects: ['heart'] };
const NEW = { project: 'heart', principal: 'someone', request: { count: 30, access: ACCESS } };
type Counting = TaskContext<{ readonly count: number }>;

async function withQueue<T>(
  work: (context: Counting) => Promise<unknown>,
  use: (tasks: Tasks) => Promise<T>,
): Promise<T> {
  const jobs = createJobQueue(database, { alone: true, pollMs: 20 });
  const tasks = openTasks(jobs, database);
  tasks.register('scoring', work);
  await jobs.start();
  try {
    return await use(tasks);
  } finally {
    await jobs.stop(1000);
  }
}

test('a task tells its last twenty lines and its result, and does so after a restart', async () => {
  const count = async ({ request, say }: Counting) => {
    for (let i = 0; i < request.count; i++) await say(`line ${i}`);
    return request.count;
  };
  const id = await withQueue(count, async (tasks) => {
    const task = await tasks.start('scoring', NEW);
    expect(isActive(task)).toBe(true);
    expect(await tasks.ended(task, AbortSignal.timeout(5000))).toBe(30);
    return task.id;
  });
  await withQueue(count, async (tasks) => {
    const [task] = await tasks.list('scoring', ACCESS);
    expect(task).toMatchObject({ id, status: 'DONE', request: { count: 30 }, result: 30 });
    expect(task?.request).not.toHaveProperty('access');
    expect(task?.details).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i + 10}`));
    expect(task?.start_ts).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
    expect(await tasks.list('scoring', { projects: ['other'] })).toEqual([]);
  });
});

test('what failed says why, what was stopped says so', async () => {
  const fail = async () => {
    throw new VesaliusError('GEOMETRY_MISMATCH', { what: 'size in voxels' });
  };
  await withQueue(fail, async (tasks) => {
    const task = await tasks.start('scoring', NEW);
    await expect(tasks.ended(task, AbortSignal.timeout(5000))).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
    const [failed] = await tasks.list('scoring', ACCESS);
    expect(failed).toMatchObject({ status: 'ERROR', details: [expect.stringContaining('size in voxels')] });
    expect(await tasks.stop('scoring', ACCESS)).toBeUndefined();
  });
  const wait = ({ job }: Counting) =>
    new Promise((_, stop) => job.signal.addEventListener('abort', () => stop(job.signal.reason)));
  await withQueue(wait, async (tasks) => {
    const { id } = await tasks.start('scoring', NEW);
    expect(await tasks.stop('scoring', ACCESS)).toMatchObject({ id, status: 'STOPPED' });
  });
});
