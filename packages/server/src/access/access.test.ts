import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type AccessUnderTest, accessUnderTest, cookieOf } from './access-under-test.ts';

let server: AccessUnderTest;

beforeAll(async () => {
  server = await accessUnderTest({ sessionMinutes: 30 });
}, 60_000);

afterEach(() => {
  vi.useRealTimers();
});

afterAll(() => server.close());

const token = async (browser: AccessUnderTest['admin'], body: object) =>
  (await browser.ask('POST', '/api/tokens', { name: 't', ...body })).json();
const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

test('the one-time password opens nothing but its own change, and is spent with it', async () => {
  const again = await server.signIn('admin', server.oneTimePassword);
  expect(again.statusCode).toBe(401);
  const made = (
    await server.admin.ask('POST', '/api/users', { name: 'new', grants: [{ project: '*', role: 'viewer' }] })
  ).json();
  const first = await server.signIn('new', made.oneTimePassword);
  expect(first.json().mustChangePassword).toBe(true);
  const headers = { cookie: cookieOf(first), 'sec-fetch-site': 'same-origin' };
  expect((await server.app.inject({ url: '/studies', headers })).json().code).toBe('PASSWORD_CHANGE_NEEDED');
  expect((await server.app.inject({ url: '/api/me', headers })).statusCode).toBe(200);
  const weak = {
    method: 'PUT',
    url: '/api/me/password',
    headers,
    payload: { old: made.oneTimePassword, new: 'short' },
  } as const;
  expect((await server.app.inject(weak)).statusCode).toBe(400);
});

test('the cookie of a session is out of reach of scripts and other sites, and its id is not kept', async () => {
  const answer = await server.signIn('admin', server.admin.password);
  expect(answer.headers['set-cookie']).toMatch(/HttpOnly/);
  expect(answer.headers['set-cookie']).toMatch(/SameSite=Strict/);
  const rows = JSON.stringify(
    await server.database.tables<{ access_session: object }>().selectFrom('access_session').selectAll().execute(),
  );
  expect(rows).not.toContain(cookieOf(answer).split('=')[1]);
});

test('signing in begins a new session and ends the one before: an id that was planted is worth nothing', async () => {
  const planted = { cookie: 'vesalius-session=planted' };
  const answer = await server.signIn('admin', server.admin.password, planted);
  expect(cookieOf(answer)).not.toBe(planted.cookie);
  expect((await server.app.inject({ url: '/studies', headers: planted })).statusCode).toBe(401);
  const next = await server.signIn('admin', server.admin.password, { cookie: server.admin.cookie });
  expect((await server.admin.ask('GET', '/api/me')).statusCode).toBe(401);
  server.admin.cookie = cookieOf(next);
});

test('a session ends by sign-out, by idleness and after half a day of use', async () => {
  const left = cookieOf(await server.signIn('admin', server.admin.password));
  const kept = cookieOf(await server.signIn('admin', server.admin.password));
  const site = { 'sec-fetch-site': 'same-origin' };
  await server.app.inject({ method: 'POST', url: '/api/sign-out', headers: { cookie: left, ...site } });
  expect((await server.app.inject({ url: '/studies', headers: { cookie: left } })).statusCode).toBe(401);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const ask = () => server.app.inject({ url: '/studies', headers: { cookie: kept } });
  for (let minutes = 0; minutes < 100; minutes += 20) {
    vi.setSystemTime(Date.now() + 20 * 60_000);
    expect((await ask()).statusCode).toBe(200);
  }
  vi.setSystemTime(Date.now() + 31 * 60_000);
  expect((await ask()).statusCode).toBe(401);
});

test('another site cannot use a session', async () => {
  const { cookie } = server.admin;
  const post = (headers: Record<string, string>) =>
    server.app.inject({
      method: 'POST',
      url: '/api/projects',
      payload: { id: 'x', name: 'x' },
      headers: { cookie, ...headers },
    });
  for (const site of ['cross-site', 'same-site'])
    expect((await post({ 'sec-fetch-site': site })).json().code).toBe('CROSS_SITE');
  expect((await post({ origin: 'http://evil.example' })).json().code).toBe('CROSS_SITE');
  expect((await post({ origin: 'null' })).json().code).toBe('CROSS_SITE');
  expect((await post({})).json().code).toBe('CROSS_SITE');
  expect((await post({ origin: 'http://localhost:80', host: 'localhost:80' })).statusCode).toBe(200);
  const read = await server.app.inject({ url: '/studies', headers: { cookie, 'sec-fetch-site': 'cross-site' } });
  expect(read.statusCode).toBe(401);
});

test('guessing at passwords is paused, for names that exist as for those that do not', async () => {
  const remoteAddress = '10.1.1.1';
  const guess = (name: string, password: string) =>
    server.app.inject({ method: 'POST', url: '/api/sign-in', payload: { name, password }, remoteAddress });
  for (const name of ['admin', 'nobody-here']) {
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await guess(name, 'wrong guess')).statusCode);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  }
  expect((await guess('admin', server.admin.password)).statusCode).toBe(429);
  expect((await server.signIn('admin', server.admin.password)).statusCode).toBe(200);
});

test('a token may do what it was made for, no more than its owner, and no longer', async () => {
  const owner = await server.browser('anna', [{ project: 'default', role: 'annotator' }]);
  const tooMuch = await owner.ask('POST', '/api/tokens', { name: 't', permissions: ['archive.delete'] });
  expect(tooMuch.statusCode).toBe(403);
  const elsewhere = await owner.ask('POST', '/api/tokens', {
    name: 't',
    permissions: ['archive.read'],
    projects: ['other'],
  });
  expect(elsewhere.statusCode).toBe(403);
  const made = await token(owner, { permissions: ['archive.read'], days: 1 });
  const read = () => server.app.inject({ url: '/studies', headers: bearer(made.token) });
  expect((await read()).json()).toEqual({ projects: ['default'] });
  expect((await server.app.inject({ url: '/fhir/Patient', headers: bearer(made.token) })).statusCode).toBe(403);
  const fromToken = {
    method: 'POST',
    url: '/api/tokens',
    headers: bearer(made.token),
    payload: { name: 'x', permissions: ['archive.read'] },
  } as const;
  expect((await server.app.inject(fromToken)).statusCode).toBe(403);
  const basic = Buffer.from(`anna:${made.token}`).toString('base64');
  expect((await server.app.inject({ url: '/studies', headers: { authorization: `Basic ${basic}` } })).statusCode).toBe(
    200,
  );
  const withPassword = Buffer.from(`anna:${owner.password}`).toString('base64');
  expect(
    (await server.app.inject({ url: '/studies', headers: { authorization: `Basic ${withPassword}` } })).statusCode,
  ).toBe(401);

  const { id } = (await owner.ask('GET', '/api/me')).json();
  await server.admin.ask('PATCH', `/api/users/${id}`, { grants: [] });
  expect((await read()).statusCode).toBe(403);
  await server.admin.ask('PATCH', `/api/users/${id}`, {
    grants: [{ project: 'default', role: 'viewer' }],
    disabled: true,
  });
  expect((await read()).statusCode).toBe(401);
  await server.admin.ask('PATCH', `/api/users/${id}`, { disabled: false });
  expect((await read()).statusCode).toBe(200);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 25 * 3600_000 });
  expect((await read()).statusCode).toBe(401);
});

test('a token for one project rules nothing of the whole server', async () => {
  const made = await token(server.admin, { permissions: ['users.manage', 'archive.read'], projects: ['default'] });
  expect((await server.app.inject({ url: '/api/users', headers: bearer(made.token) })).statusCode).toBe(403);
  expect((await server.app.inject({ url: '/studies', headers: bearer(made.token) })).json()).toEqual({
    projects: ['default'],
  });
});

test('a token ends when it is revoked, by its owner alone, and its secret is not kept', async () => {
  const made = await token(server.admin, { permissions: ['archive.read'] });
  const rows = JSON.stringify(
    await server.database.tables<{ access_token: object }>().selectFrom('access_token').selectAll().execute(),
  );
  expect(rows).not.toContain(made.token.split('_')[2]);
  const other = await server.browser('other', []);
  expect((await other.ask('DELETE', `/api/tokens/${made.id}`)).statusCode).toBe(404);
  expect((await server.admin.ask('DELETE', `/api/tokens/${made.id}`)).statusCode).toBe(204);
  expect((await server.app.inject({ url: '/studies', headers: bearer(made.token) })).statusCode).toBe(401);
});

test('an admin of one project rules its members and nothing else', async () => {
  await server.admin.ask('POST', '/api/projects', { id: 'lung', name: 'Lung' });
  const chief = await server.browser('chief', [{ project: 'lung', role: 'admin' }]);
  const reader = await server.browser('reader', []);
  const { id } = (await reader.ask('GET', '/api/me')).json();
  expect((await chief.ask('PUT', `/api/projects/lung/members/${id}`, { role: 'viewer' })).json()).toEqual({
    user: id,
    name: 'reader',
    role: 'viewer',
  });
  expect((await reader.ask('GET', '/studies')).json()).toEqual({ projects: ['lung'] });
  expect((await reader.ask('GET', '/projects/default/studies')).statusCode).toBe(403);
  expect((await chief.ask('PUT', `/api/projects/default/members/${id}`, { role: 'admin' })).statusCode).toBe(403);
  for (const url of ['/api/users', '/api/audit', '/api/clients'])
    expect((await chief.ask('GET', url)).statusCode).toBe(403);
  expect((await chief.ask('POST', '/api/projects', { id: 'own', name: 'Own' })).statusCode).toBe(403);
  expect((await chief.ask('PUT', `/api/projects/*/members/${id}`, { role: 'admin' })).statusCode).toBe(403);
  expect((await chief.ask('DELETE', `/api/projects/lung/members/${id}`)).statusCode).toBe(204);
  expect((await reader.ask('GET', '/studies')).statusCode).toBe(403);
});

test('the last admin cannot be lost', async () => {
  const { id } = (await server.admin.ask('GET', '/api/me')).json();
  expect((await server.admin.ask('PATCH', `/api/users/${id}`, { disabled: true })).statusCode).toBe(409);
  expect((await server.admin.ask('PATCH', `/api/users/${id}`, { grants: [] })).statusCode).toBe(409);
  expect((await server.admin.ask('DELETE', `/api/users/${id}`)).statusCode).toBe(409);
  expect((await server.admin.ask('GET', '/api/users')).statusCode).toBe(200);
});

test('who did what is in the audit log, and what was not allowed too', async () => {
  const reader = await server.browser('curious', []);
  const { id } = (await reader.ask('GET', '/api/me')).json();
  await reader.ask('GET', '/studies');
  await vi.waitFor(async () => {
    const events = (await server.admin.ask('GET', `/api/audit?principal=${id}`)).json();
    expect(events.map(({ action }: { action: string }) => action)).toEqual(['refused', 'signed-in']);
  });
  expect((await server.admin.ask('GET', '/api/audit/verification')).json()).toMatchObject({ intact: true });
  expect((await server.admin.ask('GET', '/api/audit?limit=x')).statusCode).toBe(400);
});

test('the OpenAPI document names every route of the table with its access', async () => {
  const { paths } = (await server.app.inject('/api/openapi.json')).json();
  expect(paths['/api/users'].get['x-access']).toBe('users.manage');
  expect(paths['/api/projects/{project}/members/{user}'].put.requestBody).toBeDefined();
});
