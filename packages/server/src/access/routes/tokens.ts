import type { FastifyInstance, FastifyRequest } from 'fastify';
import { apiRoute } from '../../http/api-route.ts';
import { Refusal } from '../../http/refusal.ts';
import type { AccessParts } from '../access-parts.ts';
import { common } from '../grants.ts';

const DAY_SECONDS = 86_400;

/** The API tokens of the user who asks. */
export function tokenRoutes(app: FastifyInstance, { tokens, note }: AccessParts): void {
  apiRoute(app, 'listTokens', async ({ request }) => tokens.ofUser(demandUser(request)));
  apiRoute(app, 'createToken', async ({ request, body }) => {
    const userId = demandUser(request);
    for (const permission of body.permissions) {
      const held = request.principal.accessFor(permission);
      const kept = common(held, { projects: body.projects });
      // `all` means all that the owner has, now and later; a named project must be among them now.
      const missing =
        body.projects === 'all' ? held.projects.length === 0 : kept.projects.length < body.projects.length;
      if (missing)
        throw new Refusal('NOT_ALLOWED', {
          what: 'permissions of the token',
          got: permission,
          expected: 'what you hold yourself',
        });
    }
    const token = await tokens.create({ ...body, seconds: body.days * DAY_SECONDS, userId });
    await note(request, { action: 'token-created', entities: [{ kind: 'token', id: token.id }] });
    return token;
  });
  apiRoute(app, 'revokeToken', async ({ request, params: { token = '' } }) => {
    if (!(await tokens.revoke(token, demandUser(request)))) throw new Refusal('NOT_FOUND', { what: 'token' });
    await note(request, { action: 'token-revoked', entities: [{ kind: 'token', id: token }] });
  });
}

/** A token could otherwise make one that may do more than itself. */
function demandUser({ principal }: FastifyRequest): string {
  if (principal.kind !== 'user') throw new Refusal('NOT_ALLOWED', { what: 'credentials', expected: 'a session' });
  return principal.id;
}
