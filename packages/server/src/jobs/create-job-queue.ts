import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { type ErrorCode, VesaliusError } from '@vesalius/errors';
import type { Database } from '../store/database.ts';
import type { Job, JobHandler, JobKindOptions, JobQueue, JobRequest, JobState } from './job-queue.ts';
import { type Claim, hasEnded, JobStore, jobOf, timeAfter } from './job-store.ts';
import type { JobRow } from './tables.ts';
import { throttledProgress } from './throttled-progress.ts';

/** The queue of one server, which also runs jobs. */
export interface RunningJobQueue extends JobQueue {
  /** Begins to run jobs. */
  start(): Promise<void>;
  /** Aborts what runs, waits for it for a while and gives it back: it runs again after the next start. */
  stop(graceMs: number): Promise<void>;
  countByState(): Promise<ReadonlyMap<JobState, number>>;
}

export interface JobQueueOptions {
  /** Jobs at a time. */
  readonly concurrency?: number;
  /** A job without a sign of life for so long is begun again, here or by another server. */
  readonly leaseMs?: number;
  /** How often jobs that other servers added are looked for. */
  readonly pollMs?: number;
  /** Progress is stored at most so often. */
  readonly progressMs?: number;
  /** Before the second attempt; doubles with each. */
  readonly backOffMs?: number;
  /** No other server works on this database: what still counts as running is left from a crash. */
  readonly alone?: boolean;
  /** Told of jobs that failed for good. */
  readonly onFailure?: (job: { id: string; kind: string; code: string }, cause: unknown) => void;
}

const DEFAULTS = { concurrency: 2, leaseMs: 30_000, pollMs: 2000, progressMs: 1000, backOffMs: 5000, alone: false };
const ATTEMPTS = 3;
const LONGEST_BACK_OFF_MS = 600_000;
const KEPT_MS = 30 * 24 * 3_600_000;

/** Errors that may pass by themselves; any other of ours would come again. */
const PASSING: readonly ErrorCode[] = [
  'PEER_UNREACHABLE',
  'PEER_TIMEOUT',
  'PEER_REFUSED',
  'ASSOCIATION_ENDED',
  'DISK_FULL',
  'WRITE_FAILED',
  'OUT_OF_MEMORY',
];

interface Kind {
  readonly handler: JobHandler<unknown>;
  readonly attempts: number;
  readonly ended?: (input: unknown) => Promise<void>;
}

interface Run {
  readonly claim: Claim;
  readonly abort: AbortController;
  cancelled: boolean;
  lost: boolean;
  done: Promise<void>;
}

/** A durable queue on the database, one implementation for every kind of database. */
export function createJobQueue(database: Database, options: JobQueueOptions = {}): RunningJobQueue {
  return new DatabaseJobQueue(new JobStore(database), { ...DEFAULTS, ...options });
}

class DatabaseJobQueue implements RunningJobQueue {
  readonly #store: JobStore;
  readonly #options: typeof DEFAULTS & JobQueueOptions;
  readonly #kinds = new Map<string, Kind>();
  readonly #runs = new Map<string, Run>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #holder = randomUUID();
  #timer: NodeJS.Timeout | undefined;
  #filling: Promise<void> | undefined;
  #refill = false;

  constructor(store: JobStore, options: typeof DEFAULTS & JobQueueOptions) {
    this.#store = store;
    this.#options = options;
  }

  register<Input>(kind: string, handler: JobHandler<Input>, options: JobKindOptions<Input> = {}): void {
    this.#kinds.set(kind, { attempts: ATTEMPTS, ...options, handler } as Kind);
    this.#fill();
  }

  async enqueue(request: JobRequest): Promise<Job> {
    const row = await this.#store.insert(request);
    this.#fill();
    return jobOf(row);
  }

  async get(id: string): Promise<Job | undefined> {
    const row = await this.#store.get(id);
    return row && jobOf(row);
  }

  async list(filter?: Parameters<JobQueue['list']>[0]): Promise<readonly Job[]> {
    return (await this.#store.list(filter)).map(jobOf);
  }

  async cancel(id: string): Promise<boolean> {
    const row = await this.#store.get(id);
    const cancelled = await this.#store.cancel(id);
    const run = this.#runs.get(id);
    if (cancelled && row?.state === 'waiting') await this.#putAway(row);
    if (cancelled && run) abort(run, 'cancelled');
    this.#changes.emit(id);
    return cancelled;
  }

  async *follow(id: string, signal: AbortSignal): AsyncIterable<Job> {
    for (let seen = -1; !signal.aborted; ) {
      const row = await this.#store.get(id);
      if (!row) return;
      if (row.revision !== seen) yield jobOf(row);
      if (hasEnded(row.state)) return;
      seen = row.revision;
      await this.#changed(id, signal);
    }
  }

  /** Waits for a change made here; of one made by another server only the clock tells. */
  async #changed(id: string, signal: AbortSignal): Promise<void> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(this.#options.progressMs)]);
    await once(this.#changes, id, { signal: bounded }).catch(() => undefined);
  }

  async start(): Promise<void> {
    if (this.#options.alone) await this.#store.expireLeases();
    await this.#store.forgetEndedBefore(timeAfter(-KEPT_MS));
    this.#timer = setInterval(() => this.#fill(), this.#options.pollMs).unref();
    this.#fill();
  }

  async stop(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#filling;
    const runs = [...this.#runs.values()];
    for (const run of runs) run.abort.abort(interrupted('the server stops'));
    const grace = new AbortController();
    const waited = setTimeout(graceMs, undefined, { signal: grace.signal }).catch(() => undefined);
    await Promise.race([Promise.all(runs.map(({ done }) => done)), waited]);
    grace.abort();
    await Promise.all([...this.#runs.values()].map(({ claim }) => this.#store.release(claim, 0, true)));
  }

  countByState(): Promise<ReadonlyMap<JobState, number>> {
    return this.#store.countByState();
  }

  /** Takes jobs while there is room; asked again meanwhile, looks once more. */
  #fill(): void {
    if (!this.#timer) return;
    this.#refill = true;
    this.#filling ??= this.#fillOnce()
      .catch((cause) => this.#options.onFailure?.({ id: '', kind: 'queue', code: 'DEFECT' }, cause))
      .finally(() => {
        this.#filling = undefined;
      });
  }

  async #fillOnce(): Promise<void> {
    while (this.#refill && this.#timer) {
      this.#refill = false;
      while (this.#timer && this.#runs.size < this.#options.concurrency) {
        const row = await this.#store.claim([...this.#kinds.keys()], this.#holder, this.#options.leaseMs);
        if (!row) break;
        this.#begin(row);
      }
    }
  }

  #begin(row: JobRow): void {
    const claim = { id: row.id, holder: this.#holder, attempt: row.attempt };
    const run: Run = {
      ...{ claim, abort: new AbortController(), cancelled: false, lost: false },
      done: Promise.resolve(),
    };
    this.#runs.set(row.id, run);
    this.#changes.emit(row.id);
    run.done = this.#run(row, run)
      .catch((cause) => this.#options.onFailure?.({ id: row.id, kind: row.kind, code: 'DEFECT' }, cause))
      .finally(() => {
        this.#runs.delete(row.id);
        this.#changes.emit(row.id);
        this.#fill();
      });
  }

  async #run(row: JobRow, run: Run): Promise<void> {
    const kind = this.#kinds.get(row.kind);
    if (row.cancel_requested === 1) return this.#end(row, run.claim, 'cancelled');
    if (!kind) return void (await this.#store.release(run.claim, 0, true));
    // A job that took its server down every time is not begun for ever.
    if (row.attempt > kind.attempts) return this.#fail(row, run.claim, lostTooOften(row.attempt - 1));
    const lease = setInterval(() => void this.#renew(run), this.#options.leaseMs / 3).unref();
    const progress = throttledProgress(this.#options.progressMs, async (fraction, message) => {
      await this.#store.progress(run.claim, fraction, message);
      this.#changes.emit(row.id);
    });
    try {
      const { id, project, principal } = row;
      const input: unknown = JSON.parse(row.input);
      const tell = progress.tell;
      const result = await kind.handler({ id, input, project, principal, signal: run.abort.signal, progress: tell });
      await progress.finish();
      await this.#end(row, run.claim, 'succeeded', { progress: 1, result: JSON.stringify(result ?? null) });
    } catch (cause) {
      await progress.finish();
      await this.#settle(row, run, { cause, attempts: kind.attempts });
    } finally {
      clearInterval(lease);
    }
  }

  /** What becomes of a job that threw. */
  async #settle(row: JobRow, run: Run, { cause, attempts }: { cause: unknown; attempts: number }): Promise<void> {
    const { claim } = run;
    if (run.lost) return;
    if (run.cancelled) return this.#end(row, claim, 'cancelled');
    if (run.abort.signal.aborted) return void (await this.#store.release(claim, 0, true));
    const comesAgain = cause instanceof VesaliusError && !PASSING.includes(cause.code);
    if (comesAgain || row.attempt >= attempts) return this.#fail(row, claim, cause);
    const backOffMs = Math.min(this.#options.backOffMs * 2 ** (row.attempt - 1), LONGEST_BACK_OFF_MS);
    await this.#store.release(claim, backOffMs);
    globalThis.setTimeout(() => this.#fill(), backOffMs + 1).unref();
  }

  async #end(row: JobRow, ...ending: Parameters<JobStore['end']>): Promise<void> {
    if (await this.#store.end(...ending)) await this.#putAway(row);
  }

  async #putAway({ id, kind, input }: JobRow): Promise<void> {
    await this.#kinds
      .get(kind)
      ?.ended?.(JSON.parse(input))
      .catch((cause) => this.#options.onFailure?.({ id, kind, code: 'DEFECT' }, cause));
  }

  async #fail(row: JobRow, claim: Claim, cause: unknown): Promise<void> {
    const { id, kind } = row;
    const code = cause instanceof VesaliusError ? cause.code : 'DEFECT';
    // What an unforeseen error says might be of a patient.
    const message = cause instanceof VesaliusError ? cause.message : 'the job failed unexpectedly; the log says where';
    await this.#end(row, claim, 'failed', { error_code: code, error_message: message });
    this.#options.onFailure?.({ id, kind, code }, cause);
  }

  async #renew(run: Run): Promise<void> {
    const held = await this.#store.renew(run.claim, this.#options.leaseMs).catch(() => ({ cancelRequested: false }));
    if (!held) abort(run, 'lost');
    else if (held.cancelRequested) abort(run, 'cancelled');
  }
}

function abort(run: Run, why: 'cancelled' | 'lost'): void {
  run[why] = true;
  run.abort.abort(interrupted(`the job was ${why}`));
}

function interrupted(what: string): VesaliusError {
  return new VesaliusError('INTERRUPTED', { what });
}

function lostTooOften(attempts: number): VesaliusError {
  return new VesaliusError('RUNTIME_FAILED', { what: 'the server ended while the job ran', got: `${attempts} times` });
}
