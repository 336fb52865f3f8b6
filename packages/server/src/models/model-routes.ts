import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { projectIdSchema } from '@vesalius/api';
import { type ErrorCode, VesaliusError } from '@vesalius/errors';
import type { FastifyRequest } from 'fastify';
import { apiRoute } from '../http/api-route.ts';
import type { Feature } from '../http/feature.ts';
import { Refusal } from '../http/refusal.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { holds } from '../store/holds.ts';
import { interactionRoute } from './interaction-route.ts';
import type { Model } from './model-registry.ts';
import type { PredictionInput } from './prediction-jobs.ts';
import { readingRoutes } from './reading-routes.ts';
import { unzipBundle } from './unzip-bundle.ts';
import { visibleModel } from './visible-model.ts';

/** `/api/models`: the registry, its files, predictions as jobs and answers to clicks. */
export const modelRoutes: Feature = (app, services) => {
  const { models, jobs, audit, settings } = services;
  app.addContentTypeParser(['application/zip', 'application/octet-stream'], (_, payload, done) => done(null, payload));
  const tell = (action: string, { principal, ip }: FastifyRequest, id: string) =>
    audit.record({
      action,
      outcome: 'success',
      principal: principal.id,
      from: ip,
      entities: [{ kind: 'model', id }],
    });

  readingRoutes(app, services);
  apiRoute(app, 'removeModel', async ({ request, params }) => {
    const { id } = await visibleModel(services, params, request.access);
    await models.remove(id, request.access);
    await tell('model-removed', request, id);
  });

  const upload = { config: { access: 'train' }, bodyLimit: settings.limits.requestBytes } as const;
  app.put('/api/models', upload, async (request, reply) => {
    const project = await uploadProject(services, request);
    const model = await addUpload(services, request, project);
    await tell('model-added', request, model.id);
    return reply.code(201).header('location', `/api/models/${model.id}`).send(model);
  });

  apiRoute(app, 'readyModel', async ({ request: { access, principal }, params, body }) => {
    const model = await visibleModel(services, params, principal.accessFor('archive.read'));
    await Promise.all([models.ready(model), services.volumes.read(body.series, access)]);
  });

  apiRoute(app, 'predict', async ({ request, reply, params, body }) => {
    const { principal, access } = request;
    const model = await visibleModel(services, params, principal.accessFor('archive.read'));
    const asked = body.series.map((one) => (typeof one === 'string' ? { series: one, channels: [one] } : one));
    const unfit = asked.find(({ channels }) => channels.length !== model.channels.length);
    if (unfit)
      throw new Refusal('BAD_REQUEST', {
        what: 'channels',
        got: String(unfit.channels.length),
        expected: model.channels.join(', '),
      });
    if (body.keep === 'explanation' && !model.explains)
      throw new Refusal('BAD_REQUEST', { what: 'keep', got: body.keep, expected: 'a model that explains itself' });
    const projects = await Promise.all(asked.map((one) => projectOfAll(services, one, access)));
    const begun: string[] = [];
    for (const [i, one] of asked.entries()) {
      const input: PredictionInput = { model: model.id, modelProject: model.project, ...one, keep: body.keep };
      const project = projects[i] ?? '';
      begun.push((await jobs.enqueue({ kind: 'prediction', input, project, principal: principal.id })).id);
    }
    reply.code(202);
    return { jobs: begun };
  });

  interactionRoute(app, services);
};

/** @throws Refusal NOT_FOUND for a series that is none, or none that may be annotated */
async function projectOf({ archive }: Services, series: string, access: Access): Promise<string> {
  const match = [{ tag: '0020000E', value: series }];
  const { matches } = await archive.find({ level: 'SERIES', match, include: ['0020000D'], limit: 1, access });
  const study = matches[0]?.['0020000D']?.Value?.[0];
  const [instance] = study === undefined ? [] : await archive.instances({ study: String(study), series }, access);
  if (!instance) throw new Refusal('NOT_FOUND', { what: 'series' });
  return instance.project;
}

/** @throws Refusal NOT_FOUND also where a channel is of another project */
async function projectOfAll(
  services: Services,
  { series, channels }: Pick<PredictionInput, 'series' | 'channels'>,
  access: Access,
): Promise<string> {
  const project = await projectOf(services, series, access);
  for (const channel of channels) if (channel !== series) await projectOf(services, channel, { projects: [project] });
  return project;
}

async function uploadProject({ projects }: Services, request: FastifyRequest): Promise<string> {
  const asked = (request.query as Record<string, unknown>)['project'] ?? 'default';
  const { success, data } = projectIdSchema.safeParse(asked);
  if (!success) throw new Refusal('BAD_REQUEST', { what: 'project', expected: 'the id of a project' });
  if (!holds(request.access, data))
    throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: 'train on the project' });
  if (!(await projects.has(data))) throw new Refusal('NOT_FOUND', { what: 'project' });
  return data;
}

async function addUpload({ models, settings }: Services, request: FastifyRequest, project: string): Promise<Model> {
  const folder = join(settings.dataFolder, 'models', `.upload-${randomUUID()}`);
  try {
    const bundle = await receive(request, folder, settings.limits.requestBytes);
    return await models.add(bundle, { project }).catch(refuseBundle);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What would be the server's failure with a file of its own is the sender's here. */
const FAULTS: readonly ErrorCode[] = [
  'SIGNATURE_INVALID',
  'HASH_MISMATCH',
  'FILE_NOT_FOUND',
  'RUNTIME_FAILED',
  'SHAPE_MISMATCH',
  'DTYPE_MISMATCH',
  'CHECKPOINT_MISMATCH',
];

function refuseBundle(error: unknown): never {
  if (!(error instanceof VesaliusError) || !FAULTS.includes(error.code)) throw error;
  throw new Refusal('BAD_REQUEST', {
    what: `bundle: ${error.details.what}`,
    got: error.code,
    expected: 'a bundle as it was signed, whose model runs',
  });
}

/** @returns the folder of the bundle that came */
async function receive({ body }: FastifyRequest, folder: string, most: number): Promise<string> {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body))
    throw new Refusal('MEDIA_TYPE', { what: 'body', expected: 'application/zip' });
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'upload.zip');
  await pipeline(body as AsyncIterable<Uint8Array>, limited(most), createWriteStream(file, { flags: 'wx' }));
  return unzipBundle(file, join(folder, 'bundle'), { bytes: most });
}

function limited(most: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Uint8Array, _, done) {
      bytes += chunk.length;
      if (bytes > most) done(new Refusal('TOO_LARGE', { what: 'zip', expected: `at most ${most} bytes` }));
      else done(null, chunk);
    },
  });
}
