import type { Access } from '../store/archive.ts';

export type JobState = 'waiting' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly state: JobState;
  readonly project: string;
  readonly principal: string;
  /** 0 to 1. */
  readonly progress: number;
  /** The last thing the job said of itself. */
  readonly message?: string;
  readonly attempt: number;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

/** What a running job is given. */
export interface JobContext<Input> {
  readonly id: string;
  readonly input: Input;
  readonly project: string;
  readonly principal: string;
  /** Aborted when the job is cancelled or the server stops; a stopped job runs again after the restart. */
  readonly signal: AbortSignal;
  progress(fraction: number, message?: string): void;
}

export type JobHandler<Input> = (context: JobContext<Input>) => Promise<unknown>;

export interface JobRequest {
  readonly kind: string;
  /** JSON. */
  readonly input: unknown;
  readonly project: string;
  readonly principal: string;
}

export interface JobKindOptions<Input> {
  readonly attempts?: number;
  /** Called when a job has ended for good, however it did: puts away what was kept for it. */
  readonly ended?: (input: Input) => Promise<void>;
}

/** Long work that survives a restart: leases, retries, progress, cancel. */
export interface JobQueue {
  /**
   * Says how a kind of job is done here. A job that throws is tried again (3 times in all without `attempts`) unless its error says that
   * it would end the same way; it may also run again after a crash, so it must bear to begin anew.
   */
  register<Input>(kind: string, handler: JobHandler<Input>, options?: JobKindOptions<Input>): void;
  enqueue(request: JobRequest): Promise<Job>;
  get(id: string): Promise<Job | undefined>;
  list(filter?: {
    readonly kind?: string;
    readonly state?: JobState;
    /** Only jobs of these. */
    readonly projects?: Access['projects'];
    readonly limit?: number;
  }): Promise<readonly Job[]>;
  /** @returns false where the job has ended already or is none */
  cancel(id: string): Promise<boolean>;
  /** The job at once and after each change, until it has ended. */
  follow(id: string, signal: AbortSignal): AsyncIterable<Job>;
}
