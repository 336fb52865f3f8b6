import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import pino from 'pino';
import { afterEach, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import { createApp } from './create-app.ts';
import { NOBODY, type Permission, type Principal } from './principal.ts';
import { Refusal } from './refusal.ts';

const reader: Principal = {
  id: 'reader',
  kind: 'user',
  name: 'reader',
  accessFor: (permission: Permission) => ({ projects: permission === 'archive.read' ? ['default'] : [] }),
};

const readerOfAll: Principal = { ...reader, accessFor: () => ({ projects: 'all' }) };
const logged: string[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
let app: FastifyInstance | undefined;

afterEach(async () => {
  logged.length = 0;
  await app?.close();
});

function appOf(settings: Partial<Settings> = {}): FastifyInstance {
  app = createApp({
    settings: { ...DEFAULT_SETTINGS, ...settings },
    log,
    projects: { has: async (id) => id !== 'nowhere' },
    authenticate: async ({ headers }) => {
      if (headers.authorization === 'Bearer right') return reader;
      if (headers.authorization === 'Bearer all') return readerOfAll;
      if (headers.authorization !== undefined) throw new Refusal('WRONG_CREDENTIALS', { what: 'token' });
      return NOBODY;
    },
  });
  app.get('/read', { config: { access: 'archive.read' } }, async ({ access }) => access);
  app.get('/projects/:project/read', { config: { access: 'archive.read' } }, async ({ access }) => access);
  app.post('/write', { config: { access: 'archive.write' } }, async () => 'written');
  app.get('/open', { config: { access: 'public' } }, async () => 'open');
  app.get('/fails', { config: { access: 'public' } }, async () => {
    throw new RangeError('Jones^Anna');
  });
  return app;
}

const RIGHT = { authorization: 'Bearer right' };

test('refuses to register a route that does not say who may use it', () => {
  expect(() => appOf().get('/silent', async () => '')).toThrow('access of route GET /silent');
});

test('asks for credentials, refuses wrong ones and too small ones', async () => {
  const app = appOf();
  const bare = await app.inject('/read');
  expect(bare.statusCode).toBe(401);
  expect(bare.headers['www-authenticate']).toContain('Bearer');
  expect(bare.json()).toMatchObject({ code: 'SIGN_IN_NEEDED', status: 401 });
  expect((await app.inject({ url: '/read', headers: { authorization: 'Bearer wrong' } })).statusCode).toBe(401);
  expect((await app.inject({ method: 'POST', url: '/write', headers: RIGHT })).statusCode).toBe(403);
  expect((await app.inject({ url: '/read', headers: RIGHT })).json()).toEqual({ projects: ['default'] });
  expect((await app.inject('/open')).statusCode).toBe(200);
});

test('an address that names a project reaches that project alone', async () => {
  const app = appOf();
  expect((await app.inject({ url: '/projects/default/read', headers: RIGHT })).json()).toEqual({
    projects: ['default'],
  });
  expect((await app.inject({ url: '/projects/other/read', headers: RIGHT })).statusCode).toBe(403);
});

test('an address of a project that is none is not found, and who may not read it learns nothing of it', async () => {
  const app = appOf();
  expect((await app.inject({ url: '/projects/nowhere/read', headers: RIGHT })).statusCode).toBe(403);
  const headers = { authorization: 'Bearer all' };
  expect((await app.inject({ url: '/projects/other/read', headers })).statusCode).toBe(200);
  expect((await app.inject({ url: '/projects/nowhere/read', headers })).statusCode).toBe(404);
});

test('refuses before the body has come', async () => {
  const app = appOf();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1');
  socket.write('POST /write HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{');
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1.1 401/);
});

test('logs neither addresses nor messages of unforeseen errors, and says nothing of them', async () => {
  const app = appOf();
  const answer = await app.inject('/fails?PatientName=Jones');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('Jones');
  expect(answer.json().requestId).toBe(answer.headers['x-request-id']);
  expect(logged.join('')).toContain('/fails');
  expect(logged.join('')).not.toContain('Jones');
});

test('refuses secrets in addresses, encoded bodies and bodies above the limit', async () => {
  const app = appOf();
  expect((await app.inject({ url: '/read?access_token=x', headers: RIGHT })).json().code).toBe('CREDENTIALS_IN_URL');
  const headers = { ...RIGHT, 'content-encoding': 'gzip' };
  expect((await app.inject({ method: 'POST', url: '/write', headers })).statusCode).toBe(415);
  const large = { ...RIGHT, 'content-length': String(2 ** 40) };
  expect((await app.inject({ method: 'POST', url: '/write', headers: large })).statusCode).toBe(413);
});

test('limits requests of a principal, and attempts with wrong credentials from an address', async () => {
  const app = appOf({ limits: { ...DEFAULT_SETTINGS.limits, requestsPerMinute: 3 } });
  const statuses = [];
  for (let i = 0; i < 4; i++) statuses.push((await app.inject({ url: '/read', headers: RIGHT })).statusCode);
  expect(statuses).toEqual([200, 200, 200, 429]);
  const wrong = { authorization: 'Bearer wrong' };
  const attempts = [];
  for (let i = 0; i < 3; i++) attempts.push((await app.inject({ url: '/read', headers: wrong })).statusCode);
  expect(attempts).toEqual([401, 401, 429]);
});

test('lets other origins ask only where settings name them, and never with cookies', async () => {
  const preflight = { origin: 'https://viewer.example', 'access-control-request-method': 'GET' };
  const closed = await appOf().inject({ method: 'OPTIONS', url: '/read', headers: preflight });
  expect(closed.headers['access-control-allow-origin']).toBeUndefined();
  await app?.close();
  const open = appOf({ allowedOrigins: ['https://viewer.example'] });
  const allowed = await open.inject({ method: 'OPTIONS', url: '/read', headers: preflight });
  expect(allowed.headers['access-control-allow-origin']).toBe('https://viewer.example');
  expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
  const other = await open.inject({
    method: 'OPTIONS',
    url: '/read',
    headers: { ...preflight, origin: 'https://evil' },
  });
  expect(other.headers['access-control-allow-origin']).toBeUndefined();
  const refused = await open.inject({ url: '/read', headers: { origin: 'https://viewer.example' } });
  expect(refused.headers['access-control-allow-origin']).toBe('https://viewer.example');
});

test('forbids inline scripts, frames and caching', async () => {
  const { headers } = await appOf().inject('/open');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['content-security-policy']).not.toContain('unsafe-inline');
  expect(headers['cache-control']).toBe('no-store');
});

test('headers above the limit and what is no HTTP get an answer and the end of the connection', async () => {
  const app = appOf();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  const ask = (text: string) =>
    new Promise<string>((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (bytes) => {
        answer += bytes;
      });
      socket.on('error', () => resolve(answer));
      socket.on('close', () => resolve(answer));
    });
  expect(await ask(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/);
  expect(await ask('\x16\x03\x01 hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
});
