import { studyId } from '@vesalius/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorAnswer, logFailure } from '../http/error-answer.ts';
import type { Feature } from '../http/feature.ts';
import type { Permission } from '../http/principal.ts';
import type { Services } from '../services.ts';
import { registerExports } from './export-job.ts';
import { catchUp, followArchive } from './follow-archive.ts';
import { outcomeOf } from './outcomes.ts';
import { notifyOfStudies, registerNotifications } from './subscriptions.ts';

const BODY_BYTES = 16 << 20;

/** What each method needs; a bundle is let in by the right to read, its entries are judged one by one. */
const NEEDS: Readonly<Record<string, Permission>> = {
  GET: 'fhir.read',
  POST: 'fhir.write',
  PUT: 'fhir.write',
  PATCH: 'fhir.write',
  DELETE: 'fhir.write',
};

/**
 * FHIR R4 under `/fhir`, and for one project under `/projects/{project}/fhir`. Patient and ImagingStudy follow the archive; AuditEvent is
 * the audit log. What FHIR defines is loaded with the first request.
 *
 * @source HL7 FHIR R4 (4.0.1), RESTful API
 */
export const fhir: Feature = async (app, services) => {
  await catchUp(services.database);
  services.archive.onChange(followArchive);
  services.archive.onChange(notifyOfStudies(services, (study) => `ImagingStudy/${studyId(study)}`));
  registerNotifications(services);
  registerExports(services);
  for (const prefix of ['', '/projects/:project'])
    await app.register(async (scope) => register(scope, services, `${prefix}/fhir`));
};

function register(scope: FastifyInstance, services: Services, root: string): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  scope.setErrorHandler(answerError);
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    const { answer } = await import('./answer.ts');
    return answer({ services, request, reply, root });
  };
  scope.get(`${root}/metadata`, { config: { access: 'public' } }, handler);
  for (const [method, access] of Object.entries(NEEDS))
    scope.route({ method, url: `${root}/*`, config: { access }, handler });
  for (const url of [
    `${root}/:type/_search`,
    `${root}/$graphql`,
    `${root}/:type/$validate`,
    `${root}/:type/:id/$validate`,
  ])
    scope.post(url, { config: { access: 'fhir.read' } }, handler);
  for (const url of [root, `${root}/`]) {
    scope.get(url, { config: { access: 'fhir.read' } }, handler);
    scope.post(url, { config: { access: 'fhir.read' } }, handler);
  }
}

/** Errors as OperationOutcome; those that nobody foresaw say nothing of themselves. */
function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, what, headers } = errorAnswer(error);
  if (status >= 500) logFailure(request.log, error);
  if (!request.raw.complete) reply.header('connection', 'close');
  const code = status >= 500 ? 'exception' : (CODES[status] ?? 'invalid');
  const outcome = outcomeOf([{ severity: 'error', code, details: { text: what } }]);
  return reply
    .code(status)
    .headers(headers)
    .type('application/fhir+json')
    .send(Buffer.from(JSON.stringify(outcome)));
}

const CODES: Readonly<
  Record<number, 'login' | 'forbidden' | 'not-found' | 'too-long' | 'not-supported' | 'throttled'>
> = {
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  413: 'too-long',
  415: 'not-supported',
  429: 'throttled',
};
