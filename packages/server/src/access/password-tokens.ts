import type { Permission } from '@vesalius/api';
import type { PasswordTokens } from '../http/password-tokens.ts';
import { Refusal } from '../http/refusal.ts';
import type { AccessParts } from './access-parts.ts';

const SECONDS = 8 * 3600;
/** Nothing that changes who may do what. */
const PERMISSIONS: readonly Permission[] = [
  'archive.read',
  'archive.write',
  'archive.delete',
  'annotate',
  'train',
  'export',
  'jobs.read',
  'audit.read',
];

export function openPasswordTokens({ users, tokens, throttled, note }: AccessParts): PasswordTokens {
  return {
    issue: async (request, { name, password, client }) => {
      throttled.demand(name, request.ip);
      const user = await users.signIn(name, password);
      if (user === undefined) {
        throttled.failed(name, request.ip);
        await note(request, { action: 'token-created', outcome: 'minor failure', detail: client });
        throw new Refusal('WRONG_CREDENTIALS', { what: 'name or password' });
      }
      throttled.succeeded(name, request.ip);
      if (user.mustChangePassword)
        throw new Refusal('PASSWORD_CHANGE_NEEDED', {
          what: 'one-time password',
          expected: 'a sign-in at the workbench first, where it is changed',
        });
      const asked = { name: client, permissions: PERMISSIONS, projects: 'all', seconds: SECONDS } as const;
      const { token, id } = await tokens.create({ ...asked, userId: user.id });
      const entities = [{ kind: 'token', id }];
      await note(request, { action: 'token-created', principal: user.id, entities, detail: client });
      return token;
    },
  };
}
