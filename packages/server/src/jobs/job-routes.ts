import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import { stateEvents } from '../http/state-events.ts';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import type { Job, JobQueue } from './job-queue.ts';

/** `/api/jobs`: what runs and what became of it; its progress as server-sent events; cancel. */
export const jobRoutes: Feature = (app, { jobs, audit }) => {
  const config = { access: 'jobs.read' } as const;
  const sendEvents = stateEvents(app);

  apiRoute(app, 'listJobs', async ({ request, query: { kind, state, limit = 100 } }) => {
    const filter = { limit, projects: request.access.projects, ...(kind && { kind }), ...(state && { state }) };
    return { jobs: [...(await jobs.list(filter))] };
  });

  apiRoute(app, 'getJob', ({ request, params }) => visibleJob(jobs, params, request.access));

  app.get('/api/jobs/:job/events', { config }, async (request, reply) => {
    const job = await visibleJob(jobs, request.params, request.access);
    return sendEvents(reply, (end) => jobs.follow(job.id, end));
  });

  apiRoute(app, 'cancelJob', async ({ request, params }) => {
    const job = await visibleJob(jobs, params, request.access);
    const { principal } = request;
    if (job.principal !== principal.id && !holds(principal.accessFor('server.manage'), job.project))
      throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: 'the one who began the job, or server.manage' });
    const cancelled = await jobs.cancel(job.id);
    await audit.record({
      action: 'job-cancelled',
      outcome: cancelled ? 'success' : 'minor failure',
      principal: principal.id,
      from: request.ip,
      entities: [{ kind: 'job', id: job.id }],
    });
    if (!cancelled) throw new Refusal('CONFLICT', { what: 'job', got: job.state, expected: 'one that has not ended' });
    return await visibleJob(jobs, params, request.access);
  });
};

async function visibleJob(jobs: JobQueue, params: unknown, access: Access): Promise<Job> {
  const job = await jobs.get((params as { job: string }).job);
  if (!job || !holds(access, job.project)) throw new Refusal('NOT_FOUND', { what: 'job' });
  return job;
}
