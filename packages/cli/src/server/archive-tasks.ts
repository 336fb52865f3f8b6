import { VesaliusError } from '@vesalius/errors';
import type {
  AuditVerification,
  ImportInput,
  ImportReport,
  Job,
  VerificationInput,
  VerificationReport,
} from '@vesalius/server';

/** What the commands of the archive ask for, each with its answer. */
export interface ArchiveTasks {
  readonly import: { readonly input: ImportInput; readonly result: ImportReport };
  readonly verification: { readonly input: VerificationInput; readonly result: VerificationReport };
}

export interface TaskOptions {
  readonly project: string;
  readonly signal: AbortSignal;
  readonly onProgress: (job: Job) => void;
}

/** An archive that can be asked to do something: the data folder itself, or the server that works on it. */
export interface ArchiveAtWork {
  run<Kind extends keyof ArchiveTasks>(
    kind: Kind,
    input: ArchiveTasks[Kind]['input'],
    options: TaskOptions,
  ): Promise<ArchiveTasks[Kind]['result']>;
  verifyAudit(): Promise<AuditVerification>;
  close(): Promise<void>;
}

/** @throws what the job failed of */
export function resultOf(job: Job | undefined): unknown {
  if (job?.state === 'succeeded') return job.result;
  if (job?.state === 'cancelled') throw new VesaliusError('INTERRUPTED', { what: 'stopped; what was done stays' });
  throw new VesaliusError('RUNTIME_FAILED', { what: 'the job failed', got: job?.error?.message ?? 'no reason' });
}
