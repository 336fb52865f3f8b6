import type { JobState } from './job-queue.ts';

export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly project: string;
  readonly principal: string;
  /** JSON; emptied when the job ends, for it may hold a peer's credentials. */
  readonly input: string;
  readonly state: JobState;
  readonly progress: number;
  readonly message: string | null;
  /** Counts the times it was begun. */
  readonly attempt: number;
  /** When it may be begun. */
  readonly ready_at: string;
  /** While it runs: who runs it, and until when that is believed without a sign of life. */
  readonly holder: string | null;
  readonly lease_until: string | null;
  readonly cancel_requested: number;
  /** Grows with every change. */
  readonly revision: number;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly result: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

export interface JobTables {
  readonly job: JobRow;
}
