import { VesaliusError } from '@vesalius/errors';
import type { Job, JobContext, JobQueue, JobState } from '../jobs/job-queue.ts';
import type { Access } from '../store/archive.ts';
import type { Database } from '../store/database.ts';
import type { MonailabelTables, TaskRow } from './tables.ts';

/** Long work as MONAI Label tells of it. */
export interface Task {
  readonly id: string;
  readonly status: 'SUBMITTED' | 'RUNNING' | 'DONE' | 'ERROR' | 'STOPPED';
  readonly request: object;
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly start_ts: string;
  readonly end_ts?: string;
  readonly details: readonly string[];
  readonly result?: unknown;
}

export type TaskKind = 'batch_infer' | 'scoring';

interface NewTask {
  readonly project: string;
  readonly principal: string;
  readonly request: object;
}

/** What the work of a task is given. */
export interface TaskContext<Request> {
  readonly request: Request;
  readonly job: JobContext<unknown>;
  /** A line for the people who watch; never patient data. */
  say(line: string): Promise<void>;
}

/** Tasks over the server's jobs: they go on after a restart, and so does what is known of them. */
export interface Tasks {
  register<Request>(kind: TaskKind, work: (context: TaskContext<Request>) => Promise<unknown>): void;
  start(kind: TaskKind, task: NewTask): Promise<Task>;
  /** Newest first. */
  list(kind: TaskKind, access: Access): Promise<readonly Task[]>;
  /** Ends what runs. @returns the one that ran */
  stop(kind: TaskKind, access: Access): Promise<Task | undefined>;
  /** Waits until it has ended. @throws RUNTIME_FAILED when it failed */
  ended(task: Task, signal: AbortSignal): Promise<unknown>;
}

const STATUS: Readonly<Record<JobState, Task['status']>> = {
  waiting: 'SUBMITTED',
  running: 'RUNNING',
  succeeded: 'DONE',
  failed: 'ERROR',
  cancelled: 'STOPPED',
};
const LINES = 20;
const LISTED = 100;

export function openTasks(jobs: JobQueue, database: Database): Tasks {
  const notes = openTaskNotes(database);
  const taskOf = async (job: Job) => shownTask(job, await notes.get(job.id));
  const list = async (kind: TaskKind, { projects }: Access) =>
    Promise.all((await jobs.list({ kind: `monailabel-${kind}`, projects, limit: LISTED })).map(taskOf));

  return {
    list,
    register: <Request>(kind: TaskKind, work: (context: TaskContext<Request>) => Promise<unknown>) => {
      jobs.register<Request>(`monailabel-${kind}`, async (job) => {
        const lines: string[] = [];
        const say = async (line: string) => {
          lines.push(line);
          await notes.keep(kind, job, lines.slice(-LINES));
        };
        return work({ request: job.input, job, say });
      });
    },
    start: async (kind, { project, principal, request }) => {
      const job = await jobs.enqueue({ kind: `monailabel-${kind}`, input: request, project, principal });
      await notes.keep(kind, { ...job, input: request });
      return taskOf(job);
    },
    stop: async (kind, access) => {
      const running = (await list(kind, access)).filter(isActive);
      for (const { id } of running) await jobs.cancel(id);
      const job = running[0] && (await jobs.get(running[0].id));
      return job && { ...(await taskOf(job)), status: 'STOPPED' };
    },
    ended: async ({ id }, signal) => {
      let last: Job | undefined;
      for await (const job of jobs.follow(id, signal)) last = job;
      if (last?.state === 'succeeded') return last.result;
      throw new VesaliusError('RUNTIME_FAILED', {
        what: 'task',
        got: last?.error?.message ?? last?.state ?? 'nothing',
      });
    },
  };
}

/** What was asked for and said, beside the jobs. */
function openTaskNotes(database: Database) {
  const tables = database.tables<MonailabelTables>();
  return {
    get: (job: string) => tables.selectFrom('monailabel_task').selectAll().where('job', '=', job).executeTakeFirst(),
    /** Whoever is first writes the row: the job that runs, or the request that began it. */
    keep: async (
      kind: TaskKind,
      job: Pick<JobContext<unknown>, 'id' | 'project' | 'input'>,
      lines?: readonly string[],
    ) => {
      const request = JSON.stringify(job.input);
      const details = JSON.stringify(lines ?? []);
      const row = { job: job.id, kind, project: job.project, request, details, created_at: new Date().toISOString() };
      const change = { request, ...(lines === undefined ? {} : { details }) };
      await tables
        .insertInto('monailabel_task')
        .values(row)
        .onConflict((conflict) => conflict.column('job').doUpdateSet(change))
        .execute();
    },
  };
}

function shownTask(job: Job, row?: TaskRow): Task {
  const { access: _, ...request } = JSON.parse(row?.request ?? '{}') as { readonly access?: Access };
  const said = JSON.parse(row?.details ?? '[]') as string[];
  return {
    id: job.id,
    status: STATUS[job.state],
    request,
    start_ts: stampOf(job.startedAt ?? job.createdAt),
    ...(job.endedAt === undefined ? {} : { end_ts: stampOf(job.endedAt) }),
    details: [...said, ...(job.error === undefined ? [] : [job.error.message])].slice(-LINES),
    ...(job.result === undefined ? {} : { result: job.result }),
  };
}

/** Waits or runs. */
export function isActive({ status }: Pick<Task, 'status'>): boolean {
  return status === 'SUBMITTED' || status === 'RUNNING';
}

/** As Python's `strftime('%Y-%m-%d %H:%M:%S')` writes it. */
export function stampOf(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
