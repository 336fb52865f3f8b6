import { ROLES } from '@vesalius/api';
import type { FastifyInstance } from 'fastify';
import { errorAnswer, logFailure } from '../http/error-answer.ts';
import type { Feature } from '../http/feature.ts';
import type { Permission, Principal } from '../http/principal.ts';
import { AUTH_ROUTES } from './auth-routes.ts';
import { BATCH_ROUTES, registerBatch } from './batch-routes.ts';
import { callOf, type Parts } from './call.ts';
import { DATASTORE_ROUTES } from './datastore-routes.ts';
import { openImageNotes } from './image-notes.ts';
import { openSessions } from './image-sessions.ts';
import { openImages } from './images.ts';
import { INFER_ROUTES } from './infer-routes.ts';
import { INFO_ROUTES } from './info-routes.ts';
import { openLabels } from './labels.ts';
import { LEARNING_ROUTES } from './learning-routes.ts';
import { LOG_ROUTES } from './log-routes.ts';
import { MODEL_ROUTES } from './model-routes.ts';
import { OHIF_ROUTES } from './ohif-routes.ts';
import { PROXY_ROUTES } from './proxy-routes.ts';
import type { Route } from './route.ts';
import { registerScoring, SCORING_ROUTES } from './scoring-routes.ts';
import { SESSION_ROUTES } from './session-routes.ts';
import { openTasks } from './tasks.ts';
import { TRAIN_ROUTES } from './train-routes.ts';

const ROUTES = [
  ...[INFO_ROUTES, INFER_ROUTES, BATCH_ROUTES, TRAIN_ROUTES, LEARNING_ROUTES, SCORING_ROUTES, DATASTORE_ROUTES],
  ...[MODEL_ROUTES, SESSION_ROUTES, LOG_ROUTES, PROXY_ROUTES],
].flat();

const SWEEP_MS = 600_000;

/**
 * The interface of MONAI Label, so that 3D Slicer, OHIF and scripts work with the archive: under its root for all that the caller may see,
 * under `/projects/{project}` and its root for that project alone.
 *
 * @source MONAI Label 0.8.5
 */
export const monailabel: Feature = async (app, services) => {
  const { database, objects, archive, jobs, settings } = services;
  const parts: Parts = {
    services,
    images: openImages(archive, openImageNotes(database), database),
    labels: openLabels(services.annotations, database),
    sessions: openSessions(database, objects),
    tasks: openTasks(jobs, database),
  };
  registerBatch(parts);
  registerScoring(parts);
  const sweep = setInterval(() => {
    parts.sessions.removeExpired().catch((error) => logFailure(services.log, error));
  }, SWEEP_MS).unref();
  app.addHook('onClose', async () => clearInterval(sweep));
  const { root, auth, ohifFolder } = settings.monailabel;
  const routes = [...ROUTES, ...(auth ? AUTH_ROUTES : []), ...(ohifFolder === undefined ? [] : OHIF_ROUTES)];
  for (const prefix of ['', '/projects/:project']) {
    await app.register(async (scope) => {
      prepare(scope);
      for (const route of routes) serve(scope, `${prefix}${root}`, { route, parts });
    });
  }
};

/** How these clients are met: bodies are read by who knows them, errors have the member `detail` that the clients show. */
function prepare(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  // With a token, PyPI's client sends the length of its last body with requests that have none, and waits.
  scope.addHook('onRequest', async ({ method, headers }, reply) => {
    if (/^(GET|HEAD|DELETE)$/.test(method) && headers['content-length'] !== undefined)
      reply.header('connection', 'close');
  });
  scope.setErrorHandler((error, request, reply) => {
    const { headers, ...answer } = errorAnswer(error);
    if (answer.status >= 500) logFailure(request.log, error);
    if (!request.raw.complete) reply.header('connection', 'close');
    const { title, what, got, expected } = answer;
    const detail = `${title} ${what}${got === undefined ? '' : `: ${got}`}${expected === undefined ? '' : ` (expected ${expected})`}`;
    return reply
      .code(answer.status)
      .headers(headers)
      .type('application/problem+json')
      .send(Buffer.from(JSON.stringify({ ...answer, detail, requestId: request.id })));
  });
}

/** Who asks without credentials, where the settings let them. */
const ANYONE: Principal = {
  id: 'monailabel',
  kind: 'product',
  name: 'MONAI Label client',
  accessFor: (permission) => ({
    projects: (ROLES.researcher as readonly Permission[]).includes(permission) ? ['default'] : [],
  }),
};

function serve(
  scope: FastifyInstance,
  root: string,
  { route, parts }: { readonly route: Route; readonly parts: Parts },
): void {
  const { methods, path, access, handler } = route;
  const open = !parts.services.settings.monailabel.auth && access !== 'public';
  // FastAPI answers both with and without the slash.
  const paths = path.endsWith('/') ? [path, path.slice(0, -1)] : [path];
  for (const each of paths) {
    scope.route({
      method: [...methods],
      url: `${root}${each}`,
      exposeHeadRoute: false,
      config: { access, ...(open ? { anonymous: ANYONE } : {}) },
      handler: async (request, reply) => handler(callOf(parts, scope, request, reply)),
    });
  }
}
