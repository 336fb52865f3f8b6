import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { CONSENSUS_METHODS, type ConsensusMethod } from '@vesalius/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from '../http/refusal.ts';
import type { Settings } from '../settings.ts';
import type { Annotation, Annotations } from './annotations.ts';
import { demandOwn, personOf } from './annotator-of.ts';
import { neededAnnotation } from './needed-annotation.ts';
import type { Presence } from './presence.ts';
import { MASK_TYPES, readMaskBody } from './read-mask-body.ts';

const unpack = promisify(gunzip);
const MOST_UNREAD = 1 << 28;
const URL = '/api/annotations/:annotation/mask';

/** `GET` and `PUT` of the label map itself. */
export function maskRoutes(app: FastifyInstance, { annotations, presence, settings: { limits } }: MaskParts): void {
  // Its size is known once the annotation is: it is read there.
  for (const type of MASK_TYPES) app.addContentTypeParser(type, (_, payload, done) => done(null, payload));

  app.get(URL, { config: { access: 'archive.read' } }, async (request, reply) => {
    const { gzip, revision } = await annotations.readPackedMask(idOf(request), request.access);
    reply.header('etag', `"${revision}"`).header('vary', 'accept-encoding').type('application/octet-stream');
    reply.header('cache-control', 'private, no-cache');
    if (request.headers['if-none-match'] === `"${revision}"`) return reply.code(304).send();
    const takesGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers['accept-encoding'] ?? '');
    if (takesGzip) return reply.header('content-encoding', 'gzip').send(Buffer.from(gzip));
    return reply.send(await unpack(gzip));
  });

  app.put(URL, { config: { access: 'annotate' }, bodyLimit: limits.requestBytes }, async (request, reply) => {
    try {
      const saved = await save(request, annotations);
      presence.changed(saved);
      return reply.header('etag', `"${saved.revision}"`).send(saved);
    } catch (error) {
      await readRest(request);
      throw error;
    }
  });

  app.get('/api/series/:series/consensus', { config: { access: 'archive.read' } }, async (request, reply) => {
    const { series } = request.params as { series: string };
    const mask = await annotations.consensus(series, methodOf(request), request.access);
    return reply.type('application/octet-stream').header('cache-control', 'private, no-store').send(Buffer.from(mask));
  });
}

interface MaskParts {
  readonly annotations: Annotations;
  readonly presence: Presence;
  readonly settings: Settings;
}

function methodOf({ query }: FastifyRequest): ConsensusMethod {
  const { method } = query as { method?: unknown };
  const known = CONSENSUS_METHODS.find((one) => one === method);
  if (known) return known;
  throw new Refusal('BAD_REQUEST', { what: 'query.method', expected: CONSENSUS_METHODS.join(' or ') });
}

async function save(request: FastifyRequest, annotations: Annotations): Promise<Annotation> {
  const ifRevision = revisionOf(request);
  const { access, principal } = request;
  const annotation = await neededAnnotation(annotations, request);
  demandOwn(annotation, principal);
  const content = await readMaskBody(request, annotation);
  return await annotations.save(annotation.id, content, { ifRevision, access, by: personOf(principal).name });
}

/** A browser that still sends when it is refused never sees why. */
async function readRest({ raw }: FastifyRequest): Promise<void> {
  let bytes = 0;
  if (raw.destroyed || raw.readableEnded) return;
  for await (const chunk of raw) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_UNREAD) return;
  }
}

function idOf({ params }: FastifyRequest): string {
  return (params as { annotation: string }).annotation;
}

function revisionOf({ headers }: FastifyRequest): number {
  const given = headers['if-match'];
  if (given === undefined)
    throw new Refusal('REVISION_NEEDED', { what: 'If-Match', got: 'none', expected: 'a revision' });
  const revision = /^(?:W\/)?"?(\d{1,9})"?$/.exec(given.trim())?.[1];
  if (revision !== undefined) return Number(revision);
  throw new Refusal('BAD_REQUEST', { what: 'If-Match', expected: 'one revision in quotes' });
}
