import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { id, projectIdSchema, time } from '../basic-schemas.ts';

const JOB_STATES = ['waiting', 'running', 'succeeded', 'failed', 'cancelled'] as const;

const jobSchema = z.object({
  id,
  kind: z.string(),
  state: z.enum(JOB_STATES),
  project: projectIdSchema,
  principal: z.string(),
  progress: z.number().min(0).max(1),
  message: z.string().exactOptional(),
  attempt: z.int(),
  createdAt: time,
  startedAt: time.exactOptional(),
  endedAt: time.exactOptional(),
  result: z.unknown().exactOptional(),
  error: z.object({ code: z.string(), message: z.string() }).exactOptional(),
});

/** Long work: what runs and what became of it. Its progress comes as server-sent events from `/api/jobs/{job}/events`. */
export const JOB_ROUTES = {
  listJobs: {
    method: 'GET',
    path: '/api/jobs',
    access: 'jobs.read',
    summary: 'Jobs, newest first.',
    query: z
      .object({
        kind: z.string().max(100),
        state: z.enum(JOB_STATES),
        limit: z.coerce.number().int().min(1).max(1000),
      })
      .partial(),
    answer: z.object({ jobs: z.array(jobSchema) }),
  },
  getJob: {
    method: 'GET',
    path: '/api/jobs/:job',
    access: 'jobs.read',
    summary: 'One job.',
    answer: jobSchema,
  },
} as const satisfies Record<string, ApiRoute>;
