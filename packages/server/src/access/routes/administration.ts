import { openApiDocument } from '@vesalius/api';
import type { FastifyInstance } from 'fastify';
import { apiRoute } from '../../http/api-route.ts';
import { Refusal } from '../../http/refusal.ts';
import type { AccessParts } from '../access-parts.ts';
import type { User } from '../users.ts';

/** Users, registered apps, the audit log, the description of the API. */
export function administrationRoutes(app: FastifyInstance, parts: AccessParts): void {
  userRoutes(app, parts);
  clientRoutes(app, parts);
  apiRoute(app, 'findAudit', async ({ query }) => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    return (await parts.audit.find(Object.fromEntries(given))).map((record) => ({
      ...record,
      entities: [...(record.entities ?? [])],
    }));
  });
  apiRoute(app, 'verifyAudit', async () => parts.audit.verify());
  app.get('/api/openapi.json', { config: { access: 'public' } }, async (request) =>
    openApiDocument(parts.urlOf(request)),
  );
}

function userRoutes(app: FastifyInstance, parts: AccessParts): void {
  const { users } = parts;
  const touched = (id: string) => ({ entities: [{ kind: 'user', id }] });

  apiRoute(app, 'listUsers', async () => (await users.all()).map(plain));
  apiRoute(app, 'createUser', async ({ request, body }) => {
    const { user, oneTimePassword } = await users.create(body.name, body.grants);
    await parts.note(request, { action: 'user-created', ...touched(user.id) });
    return { user: plain(user), oneTimePassword };
  });
  apiRoute(app, 'changeUser', async ({ request, params: { user: id = '' }, body }) => {
    const user = await users.change(id, body);
    await parts.note(request, { action: 'user-changed', ...touched(id) });
    return plain(user);
  });
  apiRoute(app, 'resetPassword', async ({ request, params: { user: id = '' } }) => {
    const { user, oneTimePassword } = await users.resetPassword(id);
    await parts.note(request, { action: 'password-reset', ...touched(id) });
    return { user: plain(user), oneTimePassword };
  });
  apiRoute(app, 'removeUser', async ({ request, params: { user: id = '' } }) => {
    if (request.principal.id === id)
      throw new Refusal('CONFLICT', { what: 'the own account', expected: 'another admin' });
    await users.remove(id);
    await parts.note(request, { action: 'user-removed', ...touched(id) });
  });
}

function plain(user: User) {
  return { ...user, grants: [...user.grants] };
}

function clientRoutes(app: FastifyInstance, { clients, note }: AccessParts): void {
  apiRoute(app, 'listClients', async () => clients.all());
  apiRoute(app, 'createClient', async ({ request, body }) => {
    const client = await clients.create(body);
    await note(request, { action: 'app-registered', entities: [{ kind: 'client', id: client.id }] });
    return client;
  });
  apiRoute(app, 'removeClient', async ({ request, params: { client = '' } }) => {
    await clients.remove(client);
    await note(request, { action: 'app-removed', entities: [{ kind: 'client', id: client }] });
  });
}
