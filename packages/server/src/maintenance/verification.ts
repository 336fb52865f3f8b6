import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import type { Services } from '../services.ts';
import type { Finding } from '../store/archive.ts';

export interface VerificationInput {
  readonly repair: boolean;
  readonly deep: boolean;
}

/** What a comparison of index and objects came to; the first thousand findings are listed. */
export interface VerificationReport {
  readonly counts: Partial<Record<Finding['kind'], number>>;
  readonly repaired: number;
  readonly findings: readonly Finding[];
}

const FINDINGS_KEPT = 1000;

/** `POST /api/verifications` begins a job that compares index and objects. */
export const verification: Feature = (app, services) => {
  const { jobs } = services;
  jobs.register<VerificationInput>('verification', ({ input, progress, signal }) =>
    verify(services, { input, signal, tell: (found) => progress(0, `${found} findings`) }),
  );
  apiRoute(app, 'verifyArchive', async ({ request: { principal }, reply, body }) => {
    const job = await jobs.enqueue({ kind: 'verification', input: body, project: 'default', principal: principal.id });
    reply.code(202).header('location', `/api/jobs/${job.id}`);
    return job;
  });
};

interface Verifying {
  readonly input: VerificationInput;
  readonly signal: AbortSignal;
  readonly tell: (found: number) => void;
}

async function verify({ archive }: Services, { input, signal, tell }: Verifying): Promise<VerificationReport> {
  const counts: VerificationReport['counts'] = {};
  const findings: Finding[] = [];
  let [found, repaired] = [0, 0];
  for await (const finding of archive.verify(input)) {
    signal.throwIfAborted();
    counts[finding.kind] = (counts[finding.kind] ?? 0) + 1;
    if (finding.repaired) repaired++;
    if (findings.length < FINDINGS_KEPT) findings.push(finding);
    tell(++found);
  }
  return { counts, repaired, findings };
}
