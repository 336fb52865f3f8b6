import { randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Settings } from '../settings.ts';
import { sendError } from './error-answer.ts';
import { type Authenticate, demandAccess, guard, type ServedRoute } from './guard.ts';
import { answerMalformed, httpServer } from './http-server.ts';
import type { KnownProjects } from './known-projects.ts';
import { NOBODY } from './principal.ts';
import { Refusal } from './refusal.ts';

interface AppOptions {
  readonly settings: Settings;
  readonly log: FastifyBaseLogger;
  readonly authenticate: Authenticate;
  readonly projects: KnownProjects;
  /** Told of who asked for what is not allowed. */
  readonly audit?: Pick<AuditLog, 'record'>;
}

/** Of bodies that are read whole; what streams has its own limits. */
const BODY_BYTES = 1 << 20;
const CLOSING_MS = 10_000;

/**
 * The HTTP side of the server without its features: who asks is known and limited before a body is read, every route says who may use
 * it, every error has its answer, nothing of a patient is logged.
 */
export function createApp({ settings, log, authenticate, projects, audit }: AppOptions): FastifyInstance {
  const app: FastifyInstance = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    bodyLimit: BODY_BYTES,
    // A feature may have to bring the rows of a large archive up to date before it answers.
    pluginTimeout: 0,
    routerOptions: { maxParamLength: 4096 },
    serverFactory: (handler) => httpServer(handler, settings.tls),
    clientErrorHandler: answerMalformed,
    frameworkErrors: sendError,
  });
  app.decorateRequest('principal');
  app.decorateRequest('access');
  const served: ServedRoute[] = [];
  app.decorate('servedRoutes', served);
  app.addHook('onRoute', demandAccess(served));
  logAnswers(app);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler((request, reply) =>
    sendError(new Refusal('NOT_FOUND', { what: `${request.method} of this address` }), request, reply),
  );
  app.register(cookie);
  app.register(helmet, headersOf(settings));
  if (settings.allowedOrigins.length > 0) app.register(cors, corsOf(settings));
  app.register(rateLimit, { global: false });
  app.register(inThisApp((inner) => guard(inner, { settings, authenticate, projects })));
  closeInTime(app);
  if (audit !== undefined) recordRefusals(app, audit);
  return app;
}

/** A plug-in whose hooks hold for the whole app. */
function inThisApp(plugin: (app: FastifyInstance) => void): (app: FastifyInstance) => Promise<void> {
  return Object.assign(async (app: FastifyInstance) => plugin(app), { [Symbol.for('skip-override')]: true });
}

function headersOf({ tls }: Settings): Parameters<typeof helmet>[1] {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    // `no-referrer` would make the Origin of our own forms `null`.
    referrerPolicy: { policy: 'same-origin' },
    hsts: tls === undefined ? false : { maxAge: 31_536_000, includeSubDomains: false },
  };
}

/** Other origins bring a token; the cookie of a session stays with its own. */
function corsOf({ allowedOrigins }: Settings): Parameters<typeof cors>[1] {
  return {
    origin: [...allowedOrigins],
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: ['etag', 'location', 'content-location', 'warning', 'retry-after', 'x-request-id'],
    maxAge: 600,
  };
}

/** Lets what runs finish, then ends what is still open: event streams never end by themselves. */
function closeInTime(app: FastifyInstance): void {
  app.addHook('preClose', (done) => {
    setTimeout(() => app.server.closeAllConnections(), CLOSING_MS).unref();
    done();
  });
}

/** One line a request: the route's pattern, never the address, which may hold what was searched for. */
function logAnswers(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _, done) => {
    request.principal = NOBODY;
    request.access = { projects: [] };
    done();
  });
  app.addHook('onSend', (_, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    done(null, payload);
  });
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      {
        method: request.method,
        route: request.is404 ? 'unknown' : request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        principal: request.principal.id,
        from: request.ip,
      },
      'answered',
    );
    done();
  });
}

function recordRefusals(app: FastifyInstance, audit: Pick<AuditLog, 'record'>): void {
  app.addHook('onResponse', async (request, { statusCode }) => {
    if (statusCode !== 403) return;
    const detail = `${request.method} ${request.routeOptions.url}`;
    const { principal, ip: from } = request;
    await audit.record({ action: 'refused', outcome: 'minor failure', principal: principal.id, from, detail });
  });
}
