import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { VesaliusError } from '@vesalius/errors';
import { createVolume, type Volume } from '@vesalius/volume';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Refusal } from '../http/refusal.ts';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import type { ArchiveVolume } from '../volumes/series-volumes.ts';
import type { Prediction } from './model-registry.ts';

const MOST_CLICKS = 1000;
const place = z.number().nonnegative().finite();

const interactionSchema = z.strictObject({
  series: z
    .string()
    .max(64)
    .regex(/^[0-9.]+$/),
  clicks: z
    .array(z.strictObject({ voxel: z.tuple([place, place, place]), value: z.int().min(0).max(255) }))
    .max(MOST_CLICKS),
  /** What the clicks correct. */
  annotation: z.string().min(1).max(100).optional(),
});

const zip = promisify(gzip);

/**
 * `POST /api/models/:model/interaction`: clicks in, a value for each voxel of the series out, x fastest; `Server-Timing` says what took
 * how long. What it needs stays in memory between clicks.
 */
export function interactionRoute(app: FastifyInstance, services: Services): void {
  const { models, volumes } = services;
  app.post('/api/models/:model/interaction', { config: { access: 'annotate' } }, async (request, reply) => {
    const { principal, access, params } = request;
    const { series, clicks, annotation } = parsed(request.body);
    const id = (params as { model: string }).model;
    const model = await models.get(id, principal.accessFor('archive.read'));
    if (!model) throw new Refusal('NOT_FOUND', { what: 'model' });
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const started = performance.now();
    const found = await volumes.read(series, access, gone.signal);
    const read = performance.now() - started;
    assertInside(clicks, found.volume);
    const previous = annotation === undefined ? undefined : await previousOf(services, found, { annotation, access });
    const { labels, timesMs } = await models.predict(model, {
      channels: [found.volume],
      clicks,
      ...(previous && { previous }),
      signal: gone.signal,
    });
    reply
      .type('application/octet-stream')
      .header('server-timing', timing({ read, ...timesMs }))
      .header('vary', 'accept-encoding');
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return Buffer.from(labels.voxels);
    reply.header('content-encoding', 'gzip');
    return zip(labels.voxels, { level: constants.Z_BEST_SPEED });
  });
}

function parsed(body: unknown): z.output<typeof interactionSchema> {
  const { success, data, error } = interactionSchema.safeParse(body);
  if (success) return data;
  const [issue] = error.issues;
  throw new Refusal('BAD_REQUEST', {
    what: ['body', ...(issue?.path ?? [])].join('.').slice(0, 200),
    expected: issue?.message ?? 'clicks on a series',
  });
}

function assertInside(clicks: z.output<typeof interactionSchema>['clicks'], { size }: Volume): void {
  const outside = clicks.find(({ voxel }) => voxel.some((at, axis) => at > (size[axis] ?? 1) - 1));
  if (outside)
    throw new VesaliusError('VALUE_INVALID', {
      what: 'voxel of a click',
      got: outside.voxel,
      expected: `below ${size}`,
    });
}

/** @throws Refusal NOT_FOUND unless it is an annotation of the series */
async function previousOf(
  services: Services,
  { seriesInstanceUid, volume: { size, voxelToLps } }: ArchiveVolume,
  { annotation, access }: { readonly annotation: string; readonly access: Access },
): Promise<Volume<Uint8Array>> {
  const { annotations } = services;
  const found = await annotations.get(annotation, access);
  if (!found || found.series !== seriesInstanceUid)
    throw new Refusal('NOT_FOUND', { what: 'annotation of the series' });
  return createVolume({ voxels: await annotations.readMask(annotation, access), size, voxelToLps });
}

function timing(timesMs: Readonly<Record<'read', number> & Prediction['timesMs']>): string {
  return Object.entries(timesMs)
    .map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`)
    .join(', ');
}
