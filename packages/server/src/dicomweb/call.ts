import { keywordOf } from '@vesalius/dicom';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services.ts';
import type { Access, InstanceRecord, Scope } from '../store/archive.ts';
import { badRequest, notFound } from './refusals.ts';

/** One request, with what every service here needs of it. */
export interface Call {
  readonly services: Services;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Already narrowed to the project where the address names one. */
  readonly access: Access;
  /** The project that new studies are put into. */
  readonly project: string;
  /** `http://host/dicom-web`, as the client reaches it. */
  readonly base: string;
  /** Address of the client, which a closed connection would no longer tell. */
  readonly from: string;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

export interface Parameters {
  readonly project?: string;
  readonly study?: string;
  readonly series?: string;
  readonly instance?: string;
  readonly '*'?: string;
}

const DEFAULT_PROJECT = 'default';

export function callOf(services: Services, request: FastifyRequest, reply: FastifyReply): Call {
  const { project } = parametersOf(request);
  const { publicUrl } = services.settings;
  const origin = publicUrl?.replace(/\/$/, '') ?? `${request.protocol}://${hostOf(request)}`;
  const prefix = project === undefined ? '' : `/projects/${encodeURIComponent(project)}`;
  return {
    services,
    request,
    reply,
    access: request.access,
    project: project ?? DEFAULT_PROJECT,
    base: `${origin}${prefix}/dicom-web`,
    from: request.ip,
    signal: abortedWith(reply),
  };
}

/** Python's client leaves the port out of Host: where it is this machine that is named, no other server stands between. */
function hostOf({ host, hostname, socket }: FastifyRequest): string {
  const isHere = hostname === 'localhost' || hostname === socket.localAddress;
  return isHere && host === hostname ? `${host}:${socket.localPort}` : host;
}

export function parametersOf(request: FastifyRequest): Parameters {
  return request.params as Parameters;
}

/** What a query string says once. @throws 400 where it says it twice */
export function queryOf(request: FastifyRequest): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, value] of Object.entries(request.query as Record<string, string | string[]>)) {
    if (typeof value !== 'string')
      throw badRequest(`parameter ${shownName(name)}`, { got: 'several', expected: 'one' });
    query.set(name, value);
  }
  return query;
}

/** Names of parameters come from the client: shown only as far as they are plain. */
export function shownName(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) ? name : 'with an odd name';
}

/** PS3.18 8.3.3.1: the query parameter stands in for the header where a client cannot set it. */
export function acceptOf(request: FastifyRequest): string | undefined {
  const { accept } = request.query as Record<string, unknown>;
  return typeof accept === 'string' && accept !== '' ? accept : request.headers.accept;
}

/** The study, series or instance that the address names. @throws 400 for what is no UID */
export function scopeOf(request: FastifyRequest): Scope {
  const { study = '', series, instance } = parametersOf(request);
  for (const uid of [study, series, instance]) {
    if (uid !== undefined && !/^[\d.]{1,64}$/.test(uid))
      throw badRequest('UID in the address', { expected: 'up to 64 digits and dots' });
  }
  return { study, ...(series === undefined ? {} : { series }), ...(instance === undefined ? {} : { instance }) };
}

/** What is there of the address. @throws 404 where there is nothing that the caller may see */
export async function instancesOf({ services, request, access }: Call): Promise<readonly InstanceRecord[]> {
  const scope = scopeOf(request);
  const found = await services.archive.instances(scope, access);
  if (found.length > 0) return found;
  throw notFound(scope.instance ? 'instance' : scope.series ? 'series' : 'study');
}

/** The address of a study, series or instance. */
export function addressOf(base: string, { study, series, instance }: Scope): string {
  return `${base}/studies/${study}${series ? `/series/${series}` : ''}${instance ? `/instances/${instance}` : ''}`;
}

export function scopeOfRecord(record: InstanceRecord): Scope {
  return {
    study: record.studyInstanceUid,
    series: record.seriesInstanceUid,
    instance: record.sopInstanceUid,
  };
}

interface Happened {
  readonly studies: Iterable<string>;
  readonly detail: string;
  readonly outcome?: 'success' | 'minor failure';
}

/** Puts what happened into the audit log, one event a request. A change waits for it; who only reads does not. */
export async function recordEvent(
  { services: { audit, log }, request, from }: Call,
  action: 'stored' | 'queried' | 'retrieved' | 'removed',
  { studies, detail, outcome = 'success' }: Happened,
): Promise<void> {
  const recorded = audit.record({
    action,
    outcome,
    principal: request.principal.id,
    from,
    entities: [...new Set(studies)].map((id) => ({ kind: 'study', id })),
    detail,
  });
  if (action === 'stored' || action === 'removed') return recorded;
  recorded.catch((error) => log.error({ code: (error as { code?: unknown }).code }, 'audit event not written'));
}

/** A tag for messages: its keyword, or its digits. */
export function shownTag(tag: string): string {
  return keywordOf(Number.parseInt(tag, 16)) || tag;
}

function abortedWith({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
