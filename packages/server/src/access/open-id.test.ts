import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccessUnderTest, accessUnderTest, cookieOf } from './access-under-test.ts';

let provider: Server;
let issuer = '';
let server: AccessUnderTest;
let nonce = '';
const keys = await generateKeyPair('RS256');
const CLAIMS = { preferred_username: 'dr.anna', roles: ['default:annotator', 'offline_access', 'x:y:admin'] };

const signed = (
  claims: object,
  changed: { audience?: string; expires?: string; key?: CryptoKey; issuer?: string } = {},
) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer(changed.issuer ?? issuer)
    .setSubject('subject-1')
    .setAudience(changed.audience ?? 'vesalius')
    .setIssuedAt()
    .setExpirationTime(changed.expires ?? '5m')
    .sign(changed.key ?? keys.privateKey);

beforeAll(async () => {
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const answers: Record<string, () => Promise<object> | object> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/keys': () => ({ keys: [jwk] }),
    '/token': async () => ({ access_token: 'x', token_type: 'Bearer', id_token: await signed({ ...CLAIMS, nonce }) }),
  };
  provider = createServer(async (request, response) => {
    const answer = await answers[request.url ?? '']?.();
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const openId = { issuer, clientId: 'vesalius', clientSecret: 'secret', rolesClaim: 'roles' };
  server = await accessUnderTest({ openId, publicUrl: 'http://pacs.example' });
}, 60_000);

afterAll(async () => {
  await server.close();
  provider.closeAllConnections();
  provider.close();
});

test('a user of the provider signs in and holds the roles of its claim', async () => {
  expect((await server.app.inject('/api/session')).json()).toEqual({ openId: true });
  const begun = await server.app.inject('/api/open-id/sign-in');
  const asked = new URL(String(begun.headers.location)).searchParams;
  expect(asked.get('code_challenge_method')).toBe('S256');
  nonce = asked.get('nonce') ?? '';
  const callback = `/api/open-id/callback?code=abc&state=${asked.get('state')}`;
  expect((await server.app.inject(callback)).statusCode).toBe(401);
  const again = new URL(String((await server.app.inject('/api/open-id/sign-in')).headers.location)).searchParams;
  nonce = again.get('nonce') ?? '';
  const finish = {
    url: `/api/open-id/callback?code=abc&state=${again.get('state')}`,
    headers: { cookie: `vesalius-open-id=${again.get('state')}` },
  };
  const finished = await server.app.inject(finish);
  expect(finished.statusCode).toBe(200);
  const me = await server.app.inject({
    url: '/studies',
    headers: { cookie: /vesalius-session=[^;]+/.exec(String(finished.headers['set-cookie']))?.[0] },
  });
  expect(me.json()).toEqual({ projects: ['default'] });
  expect((await server.app.inject(finish)).statusCode).toBe(401);
  expect(cookieOf(begun)).toContain('vesalius-open-id=');
});

test('a JWT of the provider is taken as a bearer, and only of it, for us and in time', async () => {
  const ask = async (jwt: string) =>
    (await server.app.inject({ url: '/studies', headers: { authorization: `Bearer ${jwt}` } })).statusCode;
  expect(await ask(await signed(CLAIMS))).toBe(200);
  expect(await ask(await signed({ ...CLAIMS, roles: [] }))).toBe(403);
  const stranger = await generateKeyPair('RS256');
  for (const changed of [
    { audience: 'other' },
    { expires: '-1m' },
    { key: stranger.privateKey },
    { issuer: 'https://evil.example' },
  ])
    expect(await ask(await signed(CLAIMS, changed))).toBe(401);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await signed(CLAIMS)).split('.')[1]}.x`;
  expect(await ask(unsigned)).toBe(401);
});
