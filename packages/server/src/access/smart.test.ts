import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccessUnderTest, accessUnderTest } from './access-under-test.ts';
import { understandScopes } from './scopes.ts';

const VERIFIER = 'a-verifier-that-has-forty-three-letters-or-more-in-it';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const REDIRECT = 'https://app.example/back';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

let server: AccessUnderTest;
let app: { id: string };

beforeAll(async () => {
  server = await accessUnderTest({ publicUrl: 'https://pacs.example' });
  const scopes = ['user/*.rs', 'patient/Observation.rs', 'patient/Patient.rs', 'user/Patient.read', 'system/*.read'];
  app = (
    await server.admin.ask('POST', '/api/clients', { name: 'Viewer <b>', redirectUris: [REDIRECT], scopes })
  ).json();
}, 60_000);

afterAll(() => server.close());

const authorization = (scope: string, changed: Record<string, string> = {}) =>
  new URLSearchParams({
    response_type: 'code',
    client_id: app.id,
    redirect_uri: REDIRECT,
    scope,
    state: 'state-1',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    aud: 'https://pacs.example/fhir',
    ...changed,
  });

const post = (url: string, form: URLSearchParams, headers: Record<string, string> = {}) =>
  server.app.inject({ method: 'POST', url, payload: form.toString(), headers: { ...FORM, ...headers } });

async function codeFor(scope: string, changed: Record<string, string> = {}): Promise<string> {
  const headers = { cookie: server.admin.cookie, 'sec-fetch-site': 'same-origin' };
  const answer = await post('/oauth/authorize', authorization(scope, { decision: 'allow', ...changed }), headers);
  return /code=([\w-]+)/.exec(answer.body)?.[1] ?? '';
}

const exchange = (code: string, changed: Record<string, string> = {}) =>
  post(
    '/oauth/token',
    new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT,
      client_id: app.id,
      code_verifier: VERIFIER,
      ...changed,
    }),
  );

const get = async (url: string, token: string) =>
  (await server.app.inject({ url, headers: { authorization: `Bearer ${token}` } })).statusCode;

test('says where its endpoints are', async () => {
  const { authorization_endpoint, code_challenge_methods_supported } = (
    await server.app.inject('/fhir/.well-known/smart-configuration')
  ).json();
  expect(authorization_endpoint).toBe('https://pacs.example/oauth/authorize');
  expect(code_challenge_methods_supported).toEqual(['S256']);
});

test('an app gets a token for what the user consented to, once for a code', async () => {
  const page = await server.app.inject(`/oauth/authorize?${authorization('user/Patient.read')}`);
  expect(page.body).toContain('Viewer &#60;b&#62;');
  const code = await codeFor('user/Patient.read user/*.cruds');
  const granted = (await exchange(code)).json();
  expect(granted).toMatchObject({ token_type: 'Bearer', scope: 'user/Patient.read' });
  expect(await get('/fhir/Patient?name=x', granted.access_token)).toBe(200);
  expect(await get('/fhir/Patient/1/_history', granted.access_token)).toBe(200);
  for (const url of [
    '/fhir/Observation',
    '/fhir/Patient?_revinclude=Observation:patient',
    '/fhir/Patient?_has:Observation:patient:code=1',
    '/fhir/Patient/$export',
    '/%66hir/Observation',
    '/fhir/Patient/1/Observation',
    '/fhir/%24graphql',
    '/studies',
  ])
    expect(await get(url, granted.access_token)).toBe(403);
  expect((await exchange(code)).json()).toEqual({ error: 'invalid_grant' });
  await post('/oauth/revoke', new URLSearchParams({ token: granted.access_token }));
  expect(await get('/fhir/Patient', granted.access_token)).toBe(401);
});

test('a scope of one patient opens that patient alone', async () => {
  const code = await codeFor('patient/Observation.rs patient/Patient.rs', { patient: 'p1' });
  const { access_token, patient } = (await exchange(code)).json();
  expect(patient).toBe('p1');
  expect(await get('/fhir/Patient/p1', access_token)).toBe(200);
  expect(await get('/fhir/Observation?patient=p1', access_token)).toBe(200);
  for (const url of [
    '/fhir/Patient/p2',
    '/fhir/Patient',
    '/fhir/Observation',
    '/fhir/Observation?patient=p2',
    '/fhir/Observation/1',
    '/studies',
  ])
    expect(await get(url, access_token)).toBe(403);
});

test.each([
  ['another verifier', { code_verifier: 'wrong' }],
  ['another redirect', { redirect_uri: 'https://evil.example' }],
  ['another client', { client_id: 'other' }],
])('a code is worth nothing with %s', async (_, changed) => {
  expect((await exchange(await codeFor('user/*.rs'), changed)).statusCode).toBeGreaterThanOrEqual(400);
});

test('nothing is sent to an address that was not registered, and nothing granted without PKCE or to another site', async () => {
  expect(
    (
      await server.app.inject(
        `/oauth/authorize?${authorization('user/*.rs', { redirect_uri: 'https://evil.example' })}`,
      )
    ).statusCode,
  ).toBe(400);
  const plain = await server.app.inject(
    `/oauth/authorize?${authorization('user/*.rs', { code_challenge_method: 'plain' })}`,
  );
  expect(plain.headers.location).toContain('error=invalid_request');
  const system = await server.app.inject(`/oauth/authorize?${authorization('system/*.read')}`);
  expect(system.headers.location).toContain('error=invalid_scope');
  const elsewhere = { cookie: server.admin.cookie, 'sec-fetch-site': 'cross-site' };
  expect(
    (await post('/oauth/authorize', authorization('user/*.rs', { decision: 'allow' }), elsewhere)).statusCode,
  ).toBe(403);
});

test('a backend service proves itself with its key: each assertion is taken once', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES384');
  const body = {
    name: 'Backend',
    scopes: ['system/*.read'],
    keys: [await exportJWK(publicKey)],
    projects: ['default'],
  };
  const { id } = (await server.admin.ask('POST', '/api/clients', body)).json();
  const assertion = (changed: { audience?: string; seconds?: number; key?: CryptoKey } = {}) =>
    new SignJWT({})
      .setProtectedHeader({ alg: 'ES384' })
      .setIssuer(id)
      .setSubject(id)
      .setAudience(changed.audience ?? 'https://pacs.example/oauth/token')
      .setJti(crypto.randomUUID())
      .setExpirationTime(Math.floor(Date.now() / 1000) + (changed.seconds ?? 200))
      .sign(changed.key ?? privateKey);
  const ask = (client_assertion: string) =>
    post(
      '/oauth/token',
      new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'system/*.read system/*.write',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
      }),
    );
  const signed = await assertion();
  const granted = await ask(signed);
  expect(granted.json()).toMatchObject({ scope: 'system/*.read', expires_in: 300 });
  expect(await get('/studies', granted.json().access_token)).toBe(200);
  expect(await get('/projects/other/studies', granted.json().access_token)).toBe(403);
  expect((await ask(signed)).json()).toEqual({ error: 'invalid_client' });
  const stranger = await generateKeyPair('ES384');
  for (const wrong of [
    { audience: 'https://evil.example' },
    { seconds: -10 },
    { seconds: 900 },
    { key: stranger.privateKey },
  ])
    expect((await ask(await assertion(wrong))).statusCode).toBe(401);
});

test('scopes of both versions come to the same permissions, and what is not understood to none', () => {
  expect(understandScopes(['user/*.read']).permissions).toEqual(['fhir.read', 'archive.read']);
  expect(understandScopes(['user/*.rs']).permissions).toEqual(['fhir.read', 'archive.read']);
  expect(understandScopes(['user/Patient.write']).permissions).toEqual(['fhir.write']);
  expect(understandScopes(['user/*.', 'user/patient.read', 'admin', 'user/*.sr', 'patient/*.rs'])).toMatchObject({
    granted: ['patient/*.rs'],
    permissions: ['fhir.read'],
    wantsPatient: true,
  });
});
