import { SERVER_WIDE } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { FastifyInstance, FastifyRequest, onRouteHookHandler } from 'fastify';
import type { Settings } from '../settings.ts';
import type { Access } from '../store/archive.ts';
import { narrowedTo } from '../store/holds.ts';
import type { RouteAccess } from './feature.ts';
import { demandFhirScope } from './fhir-scope.ts';
import { forwardedPrincipal } from './forward.ts';
import type { KnownProjects } from './known-projects.ts';
import { NOBODY, type Permission, type Principal } from './principal.ts';
import { Refusal } from './refusal.ts';
import { refuseSlowBody } from './slow-body.ts';

/**
 * Finds out who asks, from headers alone.
 *
 * @returns NOBODY without credentials
 * @throws Refusal WRONG_CREDENTIALS, CROSS_SITE
 */
export type Authenticate = (request: FastifyRequest) => Promise<Principal>;

/** A route as it is served, with who may use it. */
export interface ServedRoute {
  readonly method: string;
  readonly url: string;
  readonly access: RouteAccess;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route of the app, as it was registered. */
    readonly servedRoutes: readonly ServedRoute[];
  }
}

/**
 * Refuses, when it is registered, a route that does not say who may use it, and keeps the others in a list. The preflight of CORS alone
 * says nothing.
 */
export const demandAccess =
  (served: ServedRoute[]): onRouteHookHandler =>
  ({ method, url, config }) => {
    const access = config?.access;
    if (access !== undefined) {
      served.push(...[method].flat().map((each) => ({ method: each, url, access })));
      return;
    }
    if (method === 'OPTIONS' && url === '*') return;
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `access of route ${String(method)} ${url}`,
      expected: 'config: { access: … }',
    });
  };

const SECRET_KEYS = new Set([
  'access_token',
  'token',
  'api_key',
  'apikey',
  'password',
  'client_secret',
  'authorization',
]);

/** What can be refused before it is known who asks. */
function refuseUnread(request: FastifyRequest, { limits }: Settings): void {
  for (const key of Object.keys((request.query ?? {}) as object)) {
    if (SECRET_KEYS.has(key.toLowerCase()))
      throw new Refusal('CREDENTIALS_IN_URL', {
        what: `query parameter ${key.toLowerCase()}`,
        expected: 'the Authorization header',
      });
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.requestBytes)
    throw new Refusal('TOO_LARGE', { what: 'size of the body', expected: `at most ${limits.requestBytes} bytes` });
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    throw new Refusal('MEDIA_TYPE', {
      what: 'Content-Encoding of the request',
      expected: 'identity',
      headers: { 'accept-encoding': 'identity' },
    });
}

/** The data that a request may touch by its route: by `:project` in the address, only that project. */
function admit(request: FastifyRequest): Access {
  const access = request.is404 ? 'public' : ((request.routeOptions.config.access ?? 'public') as RouteAccess);
  if (access === 'public') return { projects: [] };
  const held = access === 'signed in' ? { projects: [] } : narrowed(heldBy(request.principal, access), request.params);
  if (request.principal === NOBODY)
    throw new Refusal('SIGN_IN_NEEDED', {
      what: 'credentials',
      expected: 'a session or a token',
      headers: challenge(request),
    });
  if (access !== 'signed in' && held.projects.length === 0)
    throw new Refusal('NOT_ALLOWED', { what: 'permission', expected: access });
  if (request.principal.fhirScopes !== undefined) demandFhirScope(request, request.principal.fhirScopes);
  return held;
}

/** Who asks without credentials where a route lets them: never another site's page, nor one that came under a name that is not ours. */
function withoutCredentials(request: FastifyRequest): Principal | undefined {
  const { anonymous } = request.routeOptions.config;
  if (request.is404 || anonymous === undefined) return undefined;
  const site = request.headers['sec-fetch-site'];
  const foreign = site === 'cross-site' || (site === undefined && request.headers.origin !== undefined);
  if (foreign || !/^(localhost|[\d.]+|\[[\da-f:]+\])$/i.test(request.hostname))
    throw new Refusal('CROSS_SITE', {
      what: 'request without credentials',
      expected: 'the address of the server as a number, or localhost',
    });
  return anonymous;
}

/** A permission on the whole server is not held by who holds it for some projects. */
function heldBy(principal: Principal, permission: Permission): Access {
  const access = principal.accessFor(permission);
  return SERVER_WIDE.includes(permission) && access.projects !== 'all' ? { projects: [] } : access;
}

/** After the permission: who may not read a project learns nothing of it. */
async function demandProject({ params }: FastifyRequest, projects: KnownProjects): Promise<void> {
  const { project } = (params ?? {}) as { project?: string };
  if (project !== undefined && !(await projects.has(project))) throw new Refusal('NOT_FOUND', { what: 'project' });
}

function narrowed(access: Access, params: unknown): Access {
  const { project } = (params ?? {}) as { project?: string };
  if (project === undefined) return access;
  return narrowedTo(access, project);
}

/** Browsers' own fetches are not asked for Basic: they would open a window for it. */
export function challenge({ headers }: FastifyRequest): Record<string, string> {
  const basic = headers['sec-fetch-site'] === undefined ? ', Basic realm="vesalius", charset="UTF-8"' : '';
  return { 'www-authenticate': `Bearer realm="vesalius"${basic}` };
}

/** Adds to an app: who asks and whether that may be, before a byte of the body is read. */
export function guard(app: FastifyInstance, { settings, authenticate, projects }: GuardOptions): void {
  const perMinute = settings.limits.requestsPerMinute;
  const asked = app.createRateLimit({
    max: perMinute,
    timeWindow: MINUTE,
    keyGenerator: ({ principal, ip }) => (principal === NOBODY ? ip : principal.id),
  });
  const failed = app.createRateLimit({
    max: Math.ceil(perMinute / 20),
    timeWindow: MINUTE,
    keyGenerator: ({ ip }) => `failed ${ip}`,
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    refuseUnread(request, settings);
    refuseAbove(await failed(request, { increment: false }));
    try {
      request.principal = forwardedPrincipal(request) ?? (await authenticate(request));
    } catch (error) {
      if (error instanceof Refusal && error.code === 'WRONG_CREDENTIALS') await failed(request);
      throw error;
    }
    refuseAbove(await asked(request));
    if (request.principal === NOBODY) request.principal = withoutCredentials(request) ?? NOBODY;
    request.access = admit(request);
    await demandProject(request, projects);
    if (!request.raw.complete) refuseSlowBody(request.raw);
  });
}

const MINUTE = 60_000;

interface GuardOptions {
  readonly settings: Settings;
  readonly authenticate: Authenticate;
  /** Addresses of others are answered 404. */
  readonly projects: KnownProjects;
}

type Verdict = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

function refuseAbove(verdict: Verdict): void {
  if (verdict.isAllowed || !verdict.isExceeded) return;
  throw new Refusal('TOO_MANY_REQUESTS', {
    what: 'rate of requests',
    expected: `a pause of ${verdict.ttlInSeconds} s`,
    headers: { 'retry-after': String(verdict.ttlInSeconds) },
  });
}
