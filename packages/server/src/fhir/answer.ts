import type { FhirRequest, HttpMethod } from '@medplum/fhir-router';
import type { Bundle, OperationOutcome, Resource } from '@medplum/fhirtypes';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { holds, narrowedTo } from '../store/holds.ts';
import type { ArchiveTables } from '../store/tables.ts';
import { answerExport } from './answer-export.ts';
import { answerAuditEvents } from './audit-events.ts';
import { capabilityStatement } from './capability-statement.ts';
import { type Definitions, loadDefinitions } from './definitions.ts';
import { historyOf } from './history.ts';
import { queryOf, readBody, send, wantsXml } from './media.ts';
import { everything, validated } from './operations.ts';
import { badSearch, FhirRefusal, issue, notFound, outcomeOf, statusOf, unquoted } from './outcomes.ts';
import { Repository } from './repository.ts';
import { isKeptType } from './resource-types.ts';
import { notify } from './subscriptions.ts';
import type { FhirTables } from './tables.ts';

/** A request on its way. */
export interface FhirCall {
  readonly services: Services;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** The pattern of the FHIR root. */
  readonly root: string;
}

/** Answers one request of FHIR. */
export async function answer(call: FhirCall): Promise<FastifyReply> {
  const definitions = await loadDefinitions();
  const [path, query] = addressOf(call.request);
  let xml = false;
  try {
    xml = wantsXml(call.request, query.get('_format') ?? undefined);
    query.delete('_format');
    const read = narrowed(call.request, 'fhir.read');
    const exported = await answerExport(call, { path, query, base: baseOf(call), read });
    if (exported) return exported;
    const [outcome, resource] = await routed({ call, definitions, path, query });
    return respond(call, definitions, { outcome, resource, xml });
  } catch (error) {
    if (!(error instanceof FhirRefusal)) throw error;
    return respond(call, definitions, { outcome: error, resource: undefined, xml });
  }
}

/** The path below the root, and the query. */
function addressOf({ url }: FastifyRequest): [path: string, query: URLSearchParams] {
  const [path = '', query = ''] = url.split('?', 2);
  return [path.replace(/^.*?\/fhir(?=\/|$)\/?/, ''), new URLSearchParams(query)];
}

interface Routed {
  readonly call: FhirCall;
  readonly definitions: Definitions;
  readonly path: string;
  readonly query: URLSearchParams;
}

type Answer = readonly [outcome: OperationOutcome, resource?: Resource | undefined];

async function routed(routing: Routed): Promise<Answer> {
  const { call, definitions, path } = routing;
  const { request } = call;
  const [type = '', id = '', operation] = path.split('/');
  if (path === 'metadata') return [definitions.core.allOk, capabilityStatement(definitions, baseOf(call))];
  if (type === 'AuditEvent')
    return [definitions.core.allOk, await answerAuditEvents(call, { id, query: routing.query })];
  if (request.method === 'GET' && (path === '_history' || id === '_history') && operation === undefined)
    return [definitions.core.allOk, await historyOfAll(routing)];
  const query = withKnownModifiers(routing.query);
  const body = readBody(request, definitions);
  const repository = repositoryOf(call, definitions);
  if (id === '$validate' || operation === '$validate')
    return [definitions.core.allOk, validated(definitions, type, body)];
  if (type === 'Patient' && operation === '$everything')
    return [definitions.core.allOk, await everything(repository, id)];
  if (request.method === 'POST' && path === '' && (body as Bundle | undefined)?.resourceType !== 'Bundle')
    throw new FhirRefusal('bad-request', [issue('structure', 'a Bundle is wanted here')]);
  const asked: FhirRequest = {
    method: request.method as HttpMethod,
    url: `/${path}${query.size > 0 ? `?${query}` : ''}`,
    pathname: '',
    body,
    params: {},
    query: queryOf(query),
    headers: request.headers,
    config: { transactions: true, graphqlMaxDepth: 8, graphqlMaxSearches: 50 },
  };
  const router = new definitions.router.FhirRouter({ introspectionEnabled: true });
  const [outcome, resource] = await router.handleRequest(asked, repository);
  return [unquoted(outcome), resource];
}

async function historyOfAll({ call, path, query }: Routed): Promise<Bundle> {
  const type = path.split('/')[0] as string;
  if (type !== '_history' && !isKeptType(type)) throw notFound('no such type of resource');
  return historyOf(call.services.database.tables<FhirTables & ArchiveTables>(), {
    ...(type !== '_history' && { type }),
    query,
    access: narrowed(call.request, 'fhir.read'),
    base: baseOf(call),
  });
}

const MODIFIER = /^([^_.:][^.:]*):([^.]*)$/;
const MODIFIERS = ['exact', 'contains', 'missing', 'not', 'identifier', 'text'];

/** The parser takes a modifier that it does not know for none; `subject:Patient=7` is written as `subject=Patient/7`. */
function withKnownModifiers(query: URLSearchParams): URLSearchParams {
  const known = new URLSearchParams();
  for (const [key, value] of query) {
    const [, code = '', modifier] = MODIFIER.exec(key) ?? [];
    if (modifier === undefined || MODIFIERS.includes(modifier)) known.append(key, value);
    else if (/^[A-Z][A-Za-z]+$/.test(modifier))
      known.append(code, value.includes('/') ? value : `${modifier}/${value}`);
    else throw badSearch(`a modifier is one of ${MODIFIERS.join(', ')} or a type of resource`);
  }
  return known;
}

function repositoryOf(call: FhirCall, definitions: Definitions): Repository {
  const { services, request } = call;
  const { project } = request.params as { project?: string };
  const read = narrowed(request, 'fhir.read');
  const write = narrowed(request, 'fhir.write');
  return new Repository({
    db: services.database.tables<FhirTables & ArchiveTables>(),
    definitions,
    read,
    write,
    project: project ?? homeOf(write),
    base: baseOf(call),
    written: (changes) =>
      notify(
        services,
        changes.map(({ project: of, resource }) => ({ project: of, key: `${resource.resourceType}/${resource.id}` })),
      ),
  });
}

/** By `:project` in the address only that one. */
function narrowed({ principal, params }: FastifyRequest, permission: 'fhir.read' | 'fhir.write'): Access {
  const access = principal.accessFor(permission);
  const { project } = (params ?? {}) as { project?: string };
  if (project === undefined) return access;
  return narrowedTo(access, project);
}

/** Where a resource goes whose project the address does not say. */
function homeOf(access: Access): string {
  return holds(access, 'default') ? 'default' : (access.projects[0] ?? 'default');
}

function baseOf({ services, request, root }: FhirCall): string {
  const { project = '' } = (request.params ?? {}) as { project?: string };
  const origin = services.settings.publicUrl?.replace(/\/$/, '') ?? `${request.protocol}://${request.host}`;
  return origin + root.replace(':project', encodeURIComponent(project));
}

interface Result {
  readonly outcome: OperationOutcome;
  readonly resource: Resource | undefined;
  readonly xml: boolean;
}

function respond(call: FhirCall, definitions: Definitions, { outcome, resource, xml }: Result): FastifyReply {
  const { request, reply } = call;
  const status = request.method === 'DELETE' && outcome.id === 'ok' ? 204 : statusOf(outcome);
  const { versionId, lastUpdated } = resource?.meta ?? {};
  if (versionId !== undefined && resource?.resourceType !== 'Bundle') {
    reply.header('etag', `W/"${versionId}"`);
    if (lastUpdated) reply.header('last-modified', new Date(lastUpdated).toUTCString());
    if (status === 201)
      reply.header('location', `${baseOf(call)}/${resource?.resourceType}/${resource?.id}/_history/${versionId}`);
    if (request.method === 'GET' && request.headers['if-none-match'] === `W/"${versionId}"`)
      return send(reply, definitions, { status: 304, resource: undefined, xml });
  }
  if (status === 204) return send(reply, definitions, { status, resource: undefined, xml });
  return send(reply, definitions, { status, resource: resource ?? outcomeOf(outcome.issue), xml });
}
