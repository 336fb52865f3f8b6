import { randomUUID } from 'node:crypto';
import { projectIdSchema } from '@vesalius/api';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import type { Job } from '../jobs/job-queue.ts';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import type { ObjectStore } from '../store/object-store.ts';
import type { ImportInput } from './import-jobs.ts';

const ZIP_QUERY = z.strictObject({ project: projectIdSchema.default('default') });

/** `/api/imports`: begins a job that brings scans here, from a folder of the server's machine, a zip, or another archive. */
export const importRoutes: Feature = (app, { jobs, objects, settings, projects }) => {
  const config = { access: 'archive.write' } as const;
  // A zip may be large: it goes through, never into memory.
  app.addContentTypeParser(['application/zip', 'application/octet-stream'], (_, payload, done) => done(null, payload));

  const begin = async (input: ImportInput, project: string, principal: string, reply: FastifyReply): Promise<Job> => {
    if (!(await projects.has(project))) throw new Refusal('NOT_FOUND', { what: 'project' });
    const job = await jobs.enqueue({ kind: 'import', input, project, principal });
    reply.code(202).header('location', `/api/jobs/${job.id}`);
    return job;
  };

  apiRoute(app, 'startImport', async ({ request: { access, principal }, reply, body }) => {
    const { project, ...input } = body;
    demand(access, project, 'archive.write');
    // Whoever names a folder of the server could read what the server may read.
    if (input.kind === 'folder') demand(principal.accessFor('server.manage'), project, 'server.manage');
    return await begin(input, project, principal.id, reply);
  });

  app.post('/api/imports/zip', { config, bodyLimit: settings.limits.requestBytes }, async (request, reply) => {
    const { project } = parsed(ZIP_QUERY, request.query);
    demand(request.access, project, 'archive.write');
    if (!isStream(request.body)) throw new Refusal('MEDIA_TYPE', { what: 'body', expected: 'application/zip' });
    const key = await kept(request.body, objects, settings.limits.requestBytes);
    return await begin({ kind: 'zip', key }, project, request.principal.id, reply);
  });
};

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function kept(body: AsyncIterable<Uint8Array>, objects: ObjectStore, most: number): Promise<string> {
  const pending = await objects.begin();
  try {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > most) throw new Refusal('TOO_LARGE', { what: 'zip', expected: `at most ${most} bytes` });
      await pending.write(chunk);
    }
    const key = `uploads/${randomUUID()}`;
    await pending.commit(key);
    return key;
  } finally {
    await pending.discard();
  }
}

function demand(access: Access, project: string, permission: string): void {
  if (holds(access, project)) return;
  throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: `${permission} on the project` });
}

function parsed<Output>(schema: z.ZodType<Output>, value: unknown): Output {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const what = issue?.path.join('.') || 'body';
  throw new Refusal('BAD_REQUEST', { what, expected: issue?.message ?? 'an import' });
}
