import { z } from 'zod';
import type { ApiRoute } from '../api-route.ts';
import { id, projectIdSchema, time } from '../basic-schemas.ts';
import { deidentifySchema } from '../studies/deidentify-schema.ts';

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

const importQuery = z.record(z.string().max(200), z.string().max(1000)).exactOptional();
const project = projectIdSchema.default('default');
const deidentify = deidentifySchema.exactOptional().describe('Before they are stored.');

const importSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), project, deidentify, path: z.string().min(1).max(4096) }),
  z.strictObject({
    kind: z.literal('dicomweb'),
    project,
    deidentify,
    url: z.url({ protocol: /^https?$/ }),
    query: importQuery,
    authorization: z.string().max(8192).exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('dimse'),
    project,
    deidentify,
    aeTitle: z.string().min(1).max(16),
    query: importQuery,
    method: z.enum(['get', 'move']).exactOptional(),
  }),
]);

/**
 * Long work: what runs and what became of it. Its progress comes as
 * server-sent events from `/api/jobs/{job}/events`; `POST /api/imports/zip` imports the zip that is its body.
 */
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
  cancelJob: {
    method: 'POST',
    path: '/api/jobs/:job/cancel',
    access: 'jobs.read',
    summary: 'Ends a job that has not ended; for who began it, or who manages the server.',
    answer: jobSchema,
  },
  startImport: {
    method: 'POST',
    path: '/api/imports',
    access: 'archive.write',
    summary: 'Brings scans here: from a folder of the server, or from another archive. The answer is a job.',
    body: importSchema,
    answer: jobSchema,
  },
  verifyArchive: {
    method: 'POST',
    path: '/api/verifications',
    access: 'server.manage',
    summary: 'Compares index and files. The answer is a job.',
    body: z.strictObject({
      repair: z.boolean().default(false),
      deep: z.boolean().default(false).describe('Every byte is hashed again.'),
    }),
    answer: jobSchema,
  },
} as const satisfies Record<string, ApiRoute>;
