import type { FastifyRequest } from 'fastify';
import type { Authenticate } from '../http/guard.ts';
import { challenge } from '../http/guard.ts';
import { NOBODY, type Principal } from '../http/principal.ts';
import { Refusal } from '../http/refusal.ts';
import { fromOwnSite } from '../http/same-site.ts';
import type { Settings } from '../settings.ts';
import { accessOf } from './grants.ts';
import type { OpenId } from './open-id.ts';
import { SESSION_COOKIE, type Sessions } from './sessions.ts';
import type { Tokens } from './tokens.ts';
import { principalOf, type Users } from './users.ts';

interface AuthenticateOptions {
  readonly settings: Settings;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly openId: OpenId | undefined;
}

/** What a user with a one-time password may do before it is changed. */
const BEFORE_CHANGE = new Set(['/api/session', '/api/me', '/api/me/password', '/api/sign-out', '/api/sign-in']);
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A token in the Authorization header (Bearer, or Basic with the token as password), else the session of a browser. */
export function createAuthenticate({ settings, users, sessions, tokens, openId }: AuthenticateOptions): Authenticate {
  const byToken = async (text: string): Promise<Principal | undefined> => {
    if (openId === undefined || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return tokens.principal(text);
    const { subject, name, grants } = await openId.verify(text);
    return { id: `openid:${subject}`, kind: 'openid', name, accessFor: (permission) => accessOf(grants, permission) };
  };
  const bySession = async (request: FastifyRequest, id: string): Promise<Principal> => {
    const own = fromOwnSite(request, settings);
    const safe = SAFE_METHODS.has(request.method);
    const userId = own === false && safe ? undefined : await sessions.use(id);
    const user = userId === undefined ? undefined : await users.get(userId);
    if (user === undefined || user.disabled) return NOBODY;
    if (!safe && own !== true)
      throw new Refusal('CROSS_SITE', { what: 'origin of the request', expected: 'a page of this server' });
    if (user.mustChangePassword && !BEFORE_CHANGE.has(request.routeOptions.url ?? ''))
      throw new Refusal('PASSWORD_CHANGE_NEEDED', {
        what: 'one-time password',
        expected: 'PUT /api/me/password first',
      });
    return principalOf(user);
  };

  return async (request) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const text = secretOf(authorization);
      const principal = text === undefined ? undefined : await byToken(text);
      if (principal !== undefined) return principal;
      throw new Refusal('WRONG_CREDENTIALS', {
        what: 'token',
        expected: 'one that is valid',
        headers: challenge(request),
      });
    }
    const session = request.cookies[SESSION_COOKIE];
    return session === undefined ? NOBODY : bySession(request, session);
  };
}

function secretOf(authorization: string): string | undefined {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}
