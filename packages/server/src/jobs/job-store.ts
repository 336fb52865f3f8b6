import { randomUUID } from 'node:crypto';
import type { Kysely, UpdateObject } from 'kysely';
import type { Database } from '../store/database.ts';
import type { Job, JobQueue, JobRequest, JobState } from './job-queue.ts';
import type { JobRow, JobTables } from './tables.ts';

/** The right to run a job: lost when somebody else has taken it since. */
export interface Claim {
  readonly id: string;
  readonly holder: string;
  readonly attempt: number;
}

type Change = UpdateObject<JobTables, 'job'>;

const ENDED: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];

export function hasEnded(state: JobState): boolean {
  return ENDED.includes(state);
}

/**
 * The rows of the queue. A job is taken by comparing its revision, so that any number of servers on one database may take from it
 * without locks that only one kind of database knows.
 */
export class JobStore {
  readonly #rows: Kysely<JobTables>;

  constructor(database: Database) {
    this.#rows = database.tables<JobTables>();
  }

  async insert({ kind, input, project, principal }: JobRequest): Promise<JobRow> {
    const now = timeAfter(0);
    const row: JobRow = {
      ...{ id: randomUUID(), kind, project, principal, input: JSON.stringify(input ?? null), state: 'waiting' },
      ...{ progress: 0, message: null, attempt: 0, ready_at: now, holder: null, lease_until: null },
      ...{ cancel_requested: 0, revision: 0, created_at: now, started_at: null, ended_at: null },
      ...{ result: null, error_code: null, error_message: null },
    };
    await this.#rows.insertInto('job').values(row).execute();
    return row;
  }

  get(id: string): Promise<JobRow | undefined> {
    return this.#rows.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** The newest first. */
  list({ kind, state, projects = 'all', limit = 100 }: Parameters<JobQueue['list']>[0] = {}): Promise<JobRow[]> {
    let rows = this.#rows.selectFrom('job').selectAll().orderBy('created_at', 'desc').orderBy('id').limit(limit);
    if (kind !== undefined) rows = rows.where('kind', '=', kind);
    if (state !== undefined) rows = rows.where('state', '=', state);
    if (projects !== 'all') rows = projects.length > 0 ? rows.where('project', 'in', projects) : rows.limit(0);
    return rows.execute();
  }

  /** Takes the job that has been ready longest, also one whose runner gave no sign of life until its lease ran out. */
  async claim(kinds: readonly string[], holder: string, leaseMs: number): Promise<JobRow | undefined> {
    while (kinds.length > 0) {
      const row = await this.#nextReady(kinds);
      if (!row) return;
      const attempt = row.attempt + 1;
      const started = { started_at: row.started_at ?? timeAfter(0), lease_until: timeAfter(leaseMs) };
      const taken = await this.#changeUnlessChanged(row, { state: 'running', holder, attempt, ...started });
      if (taken) return { ...row, state: 'running', holder, attempt };
    }
    return;
  }

  #nextReady(kinds: readonly string[]): Promise<JobRow | undefined> {
    const now = timeAfter(0);
    return this.#rows
      .selectFrom('job')
      .selectAll()
      .where('kind', 'in', kinds)
      .where(({ or, and, eb }) =>
        or([
          and([eb('state', '=', 'waiting'), eb('ready_at', '<=', now)]),
          and([eb('state', '=', 'running'), eb('lease_until', '<', now)]),
        ]),
      )
      .orderBy('ready_at')
      .orderBy('created_at')
      .limit(1)
      .executeTakeFirst();
  }

  /** @returns whether the job is to be cancelled, or undefined where it is somebody else's by now */
  async renew(claim: Claim, leaseMs: number): Promise<{ cancelRequested: boolean } | undefined> {
    const held = await this.#changeHeld(claim, { lease_until: timeAfter(leaseMs) }, { told: false });
    if (!held) return;
    return { cancelRequested: (await this.get(claim.id))?.cancel_requested === 1 };
  }

  /** @returns false where it is somebody else's by now */
  progress(claim: Claim, progress: number, message: string | undefined): Promise<boolean> {
    return this.#changeHeld(claim, { progress, ...(message === undefined ? {} : { message }) });
  }

  end(claim: Claim, state: 'succeeded' | 'failed' | 'cancelled', more: Change = {}): Promise<boolean> {
    return this.#changeHeld(claim, { state, ...NOBODYS, ended_at: timeAfter(0), input: 'null', ...more });
  }

  /** Gives it back, to be begun again after a while; with `undone` as if it had not been begun. */
  release(claim: Claim, afterMs: number, undone = false): Promise<boolean> {
    const attempt = undone ? claim.attempt - 1 : claim.attempt;
    return this.#changeHeld(claim, { state: 'waiting', ...NOBODYS, attempt, ready_at: timeAfter(afterMs) });
  }

  /** Makes every lease run out: right only where nobody else can be running. */
  async expireLeases(): Promise<void> {
    await this.#rows.updateTable('job').set({ lease_until: '' }).where('state', '=', 'running').execute();
  }

  async cancel(id: string): Promise<boolean> {
    for (let row = await this.get(id); row !== undefined && !hasEnded(row.state); row = await this.get(id)) {
      const ended: Change = { state: 'cancelled', ended_at: timeAfter(0), input: 'null' };
      if (await this.#changeUnlessChanged(row, row.state === 'waiting' ? ended : { cancel_requested: 1 })) return true;
    }
    return false;
  }

  async countByState(): Promise<ReadonlyMap<JobState, number>> {
    const rows = await this.#rows
      .selectFrom('job')
      .select(({ fn }) => ['state' as const, fn.countAll<number>().as('count')])
      .groupBy('state')
      .execute();
    return new Map(rows.map(({ state, count }) => [state, Number(count)]));
  }

  async forgetEndedBefore(time: string): Promise<void> {
    await this.#rows.deleteFrom('job').where('state', 'in', ENDED).where('ended_at', '<', time).execute();
  }

  async #changeUnlessChanged({ id, revision }: JobRow, change: Change): Promise<boolean> {
    const { numUpdatedRows } = await this.#rows
      .updateTable('job')
      .set({ ...change, revision: revision + 1 })
      .where('id', '=', id)
      .where('revision', '=', revision)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async #changeHeld({ id, holder, attempt }: Claim, change: Change, { told = true } = {}): Promise<boolean> {
    const { numUpdatedRows } = await this.#rows
      .updateTable('job')
      .set(change)
      .$if(told, (query) => query.set(({ eb }) => ({ revision: eb('revision', '+', 1) })))
      .where('id', '=', id)
      .where('holder', '=', holder)
      .where('attempt', '=', attempt)
      .where('state', '=', 'running')
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }
}

const NOBODYS = { holder: null, lease_until: null };

export function timeAfter(milliseconds: number): string {
  return new Date(Date.now() + milliseconds).toISOString();
}

/** The row as others see it. */
export function jobOf(row: JobRow): Job {
  const { id, kind, state, project, principal, progress, attempt, message, result } = row;
  return {
    ...{ id, kind, state, project, principal, progress: Number(progress), attempt, createdAt: row.created_at },
    ...(message === null ? {} : { message }),
    ...(row.started_at === null ? {} : { startedAt: row.started_at }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
    ...(result === null ? {} : { result: JSON.parse(result) as unknown }),
    ...(row.error_code === null ? {} : { error: { code: row.error_code, message: row.error_message ?? '' } }),
  };
}
