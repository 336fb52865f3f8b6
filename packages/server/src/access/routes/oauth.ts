import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../http/refusal.ts';
import { fromOwnSite } from '../../http/same-site.ts';
import type { AccessParts } from '../access-parts.ts';
import { ASSERTION_TYPE, assertionChecker } from '../client-assertion.ts';
import type { Client } from '../clients.ts';
import { consentPage, onwardPage } from '../consent-page.ts';
import { understandScopes } from '../scopes.ts';
import { randomSecret } from '../secrets.ts';

const TOKEN_SECONDS = 3600;
const CODE_MS = 60_000;
const MOST_CODES = 1000;

interface Code {
  readonly client: string;
  readonly user: string;
  readonly redirect: string;
  readonly challenge: string;
  readonly scopes: readonly string[];
  readonly patient: string | undefined;
  readonly until: number;
}

type Form = Readonly<Record<string, string>>;

/** OAuth 2 for SMART on FHIR: authorization code with PKCE for apps, signed assertions for backend services. */
export function oauthRoutes(app: FastifyInstance, parts: AccessParts): void {
  const codes = new Map<string, Code>();
  const proven = assertionChecker(parts.clients);
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 65_536 },
    (_, text, done) => done(null, Object.fromEntries(new URLSearchParams(String(text)))),
  );
  for (const url of ['/.well-known/smart-configuration', '/fhir/.well-known/smart-configuration'])
    app.get(url, { config: { access: 'public' } }, async (request) => smartConfiguration(parts.urlOf(request)));

  app.get('/oauth/authorize', { config: { access: 'public' } }, async (request, reply) => {
    const asked = await understand(parts, request, request.query as Form);
    if ('error' in asked) return reply.redirect(back(asked.redirect, { error: asked.error, state: asked.state }));
    const fields = Object.fromEntries(FIELDS.map((name) => [name, (request.query as Form)[name] ?? '']));
    const { granted, wantsPatient } = understandScopes(asked.scopes);
    return reply.type('text/html').send(consentPage(asked.client.name, granted, fields, wantsPatient));
  });

  app.post('/oauth/authorize', { config: { access: 'signed in' } }, async (request, reply) => {
    const form = (request.body ?? {}) as Form;
    if (request.principal.kind !== 'user' || fromOwnSite(request, parts.settings) !== true)
      throw new Refusal('CROSS_SITE', { what: 'consent', expected: 'the session of a user, on our own page' });
    const asked = await understand(parts, request, form);
    if ('error' in asked) return reply.redirect(back(asked.redirect, { error: asked.error, state: asked.state }));
    const { redirect, state } = asked;
    if (form['decision'] !== 'allow') return page(reply, back(redirect, { error: 'access_denied', state }));
    const code = randomSecret();
    for (const [key, { until }] of codes) if (until < Date.now() || codes.size >= MOST_CODES) codes.delete(key);
    const { client, challenge, scopes } = asked;
    const patient = form['patient'] || undefined;
    codes.set(code, {
      client: client.id,
      user: request.principal.id,
      redirect,
      challenge,
      scopes,
      patient,
      until: Date.now() + CODE_MS,
    });
    await parts.note(request, { action: 'app-authorized', entities: [{ kind: 'client', id: client.id }] });
    return page(reply, back(redirect, { code, state }));
  });

  app.post('/oauth/token', { config: { access: 'public' } }, async (request, reply) => {
    const form = (request.body ?? {}) as Form;
    const audience = `${parts.urlOf(request)}/oauth/token`;
    const signed =
      form['client_assertion_type'] === ASSERTION_TYPE
        ? await proven(form['client_assertion'] ?? '', audience)
        : undefined;
    if (form['grant_type'] === 'client_credentials') return backendToken(parts, form, signed, reply);
    if (form['grant_type'] !== 'authorization_code') return refused(reply, 'unsupported_grant_type');
    const code = codes.get(form['code'] ?? '');
    codes.delete(form['code'] ?? '');
    return appToken(parts, form, { code, signed }, reply);
  });

  app.post('/oauth/revoke', { config: { access: 'public' } }, async (request, reply) => {
    const { token = '' } = (request.body ?? {}) as Form;
    await parts.tokens.forget(token);
    return reply.code(200).send();
  });
}

const FIELDS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'aud',
];

type Asked =
  | {
      readonly client: Client;
      readonly redirect: string;
      readonly state: string;
      readonly challenge: string;
      readonly scopes: string[];
    }
  | { readonly error: string; readonly redirect: string; readonly state: string };

/** @throws Refusal BAD_REQUEST when it is not sure where an answer may go */
async function understand(parts: AccessParts, request: FastifyRequest, form: Form): Promise<Asked> {
  const client = await parts.clients.get(form['client_id'] ?? '');
  const redirect = form['redirect_uri'] ?? '';
  if (client === undefined || !client.redirectUris.includes(redirect))
    throw new Refusal('BAD_REQUEST', { what: 'client_id and redirect_uri', expected: 'those of a registered app' });
  const state = form['state'] ?? '';
  const challenge = form['code_challenge'] ?? '';
  const base = `${parts.urlOf(request)}/fhir`;
  const scopes = (form['scope'] ?? '')
    .split(' ')
    .filter((scope) => client.scopes.includes(scope) && !scope.startsWith('system/'));
  if (form['response_type'] !== 'code') return { error: 'unsupported_response_type', redirect, state };
  if (
    form['code_challenge_method'] !== 'S256' ||
    !/^[\w-]{43}$/.test(challenge) ||
    state === '' ||
    (form['aud'] ?? base).replace(/\/$/, '') !== base
  )
    return { error: 'invalid_request', redirect, state };
  if (understandScopes(scopes).permissions.length === 0) return { error: 'invalid_scope', redirect, state };
  return { client, redirect, state, challenge, scopes };
}

async function appToken(
  parts: AccessParts,
  form: Form,
  found: { code: Code | undefined; signed: Client | undefined },
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { code, signed } = found;
  const verifier = createHash('sha256')
    .update(form['code_verifier'] ?? '')
    .digest('base64url');
  if (
    code === undefined ||
    code.until < Date.now() ||
    code.redirect !== form['redirect_uri'] ||
    code.challenge !== verifier
  )
    return refused(reply, 'invalid_grant');
  const client = await parts.clients.get(code.client);
  const named = signed?.id ?? form['client_id'];
  if (client === undefined || named !== client.id || (client.keys.length > 0 && signed === undefined))
    return refused(reply, 'invalid_client');
  const { granted, permissions, fhirScopes } = understandScopes(code.scopes, code.patient);
  const { token } = await parts.tokens.create({
    name: client.name,
    permissions,
    scopes: fhirScopes,
    projects: 'all',
    seconds: TOKEN_SECONDS,
    userId: code.user,
    clientId: client.id,
  });
  return reply.send({ ...answerOf(token, granted), ...(code.patient !== undefined && { patient: code.patient }) });
}

async function backendToken(
  parts: AccessParts,
  form: Form,
  client: Client | undefined,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (client === undefined) return refused(reply, 'invalid_client');
  const asked = (form['scope'] ?? '')
    .split(' ')
    .filter((scope) => client.scopes.includes(scope) && scope.startsWith('system/'));
  const { granted, permissions, fhirScopes } = understandScopes(asked);
  if (permissions.length === 0) return refused(reply, 'invalid_scope');
  const { token } = await parts.tokens.create({
    name: client.name,
    permissions,
    scopes: fhirScopes,
    projects: client.projects,
    seconds: TOKEN_SECONDS / 12,
    clientId: client.id,
  });
  return reply.send({ ...answerOf(token, granted), expires_in: TOKEN_SECONDS / 12 });
}

function answerOf(token: string, granted: readonly string[]) {
  return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS, scope: granted.join(' ') };
}

/** RFC 6749 5.2 */
function refused(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(error === 'invalid_client' ? 401 : 400).send({ error });
}

function back(redirect: string, parameters: Readonly<Record<string, string>>): string {
  const url = new URL(redirect);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function page(reply: FastifyReply, url: string): FastifyReply {
  return reply.type('text/html').send(onwardPage(url));
}

/** SMART App Launch 2.2, conformance. */
function smartConfiguration(url: string) {
  return {
    authorization_endpoint: `${url}/oauth/authorize`,
    token_endpoint: `${url}/oauth/token`,
    revocation_endpoint: `${url}/oauth/revoke`,
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    grant_types_supported: ['authorization_code', 'client_credentials'],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: ['launch/patient', 'patient/*.rs', 'user/*.cruds', 'system/*.cruds'],
    capabilities: [
      'launch-standalone',
      'client-public',
      'client-confidential-asymmetric',
      'context-standalone-patient',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}
