import { type ApiRefusal, createClient } from '@vesalius/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AccessUnderTest, accessUnderTest } from './access-under-test.ts';

let server: AccessUnderTest;
let baseUrl = '';

beforeAll(async () => {
  server = await accessUnderTest();
  baseUrl = await server.app.listen({ port: 0, host: '127.0.0.1' });
}, 60_000);

afterAll(() => server.close());

test('a client of the table asks the server made from the same table', async () => {
  const permissions = ['archive.read', 'projects.manage', 'users.manage', 'audit.read'];
  const { token } = (await server.admin.ask('POST', '/api/tokens', { name: 'client', permissions })).json();
  const client = createClient({ baseUrl, token });
  expect((await client.call('me')).permissions.map(({ permission }) => permission)).toEqual(permissions);
  const project = await client.call('createProject', { body: { id: 'lung', name: 'Lung' } });
  expect((await client.call('listProjects')).map(({ id }) => id)).toEqual(['default', project.id]);
  const { user, oneTimePassword } = await client.call('createUser', { body: { name: 'anna', grants: [] } });
  expect(oneTimePassword).toHaveLength(20);
  await client.call('setMember', { params: { project: 'lung', user: user.id }, body: { role: 'viewer' } });
  expect(await client.call('removeMember', { params: { project: 'lung', user: user.id } })).toBeUndefined();
  const [newest] = await client.call('findAudit', { query: { action: 'member-removed', limit: 1 } });
  expect(newest?.entities).toContainEqual({ kind: 'project', id: 'lung' });
});

test('a refusal comes as the words of the server', async () => {
  const client = createClient({ baseUrl, token: 'vsl_wrong' });
  const refusal = (await client.call('listUsers').catch((error: unknown) => error)) as ApiRefusal;
  expect(refusal.answer).toMatchObject({ status: 401, code: 'WRONG_CREDENTIALS', what: 'token' });
});
