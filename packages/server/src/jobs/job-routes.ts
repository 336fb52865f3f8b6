import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import type { Access } from '../store/archive.ts';
import type { Job, JobQueue } from './job-queue.ts';

const HEARTBEAT_MS = 15_000;

/** `/api/jobs`: what runs and what became of it; its progress as server-sent events; cancel. */
export const jobRoutes: Feature = (app, { jobs, audit }) => {
  const config = { access: 'jobs.read' } as const;
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  apiRoute(app, 'listJobs', async ({ request, query: { kind, state, limit = 100 } }) => {
    const filter = { limit, projects: request.access.projects, ...(kind && { kind }), ...(state && { state }) };
    return { jobs: [...(await jobs.list(filter))] };
  });

  apiRoute(app, 'getJob', ({ request, params }) => visibleJob(jobs, params, request.access));

  app.get('/api/jobs/:job/events', { config }, async (request, reply) => {
    const job = await visibleJob(jobs, request.params, request.access);
    return reply
      .header('content-type', 'text/event-stream')
      .header('x-accel-buffering', 'no')
      .send(eventsOf(jobs.follow(job.id, endOf(reply, closing.signal)), request));
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

function holds({ projects }: Access, project: string): boolean {
  return projects === 'all' || projects.includes(project);
}

/** When the client has gone or the server closes. */
function endOf({ raw }: FastifyReply, closing: AbortSignal): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return AbortSignal.any([gone.signal, closing]);
}

/** One event a change. */
function eventsOf(changes: AsyncIterable<Job>, request: FastifyRequest): PassThrough {
  const events = new PassThrough();
  // Proxies close what is silent.
  const heartbeat = setInterval(() => events.write(': \n\n'), HEARTBEAT_MS).unref();
  const send = async () => {
    for await (const job of changes) events.write(`event: ${job.state}\ndata: ${JSON.stringify(job)}\n\n`);
  };
  send()
    .catch((error) => request.log.warn({ code: (error as { code?: string }).code }, 'events of a job ended'))
    .finally(() => {
      clearInterval(heartbeat);
      events.end();
    });
  return events;
}
