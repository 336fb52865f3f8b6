import { PERMISSIONS } from '@vesalius/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { apiRoute } from '../../http/api-route.ts';
import { NOBODY, type Principal } from '../../http/principal.ts';
import { Refusal } from '../../http/refusal.ts';
import { fromOwnSite } from '../../http/same-site.ts';
import type { AccessParts } from '../access-parts.ts';
import { onwardPage } from '../consent-page.ts';
import { SESSION_COOKIE } from '../sessions.ts';
import { principalOf, type User } from '../users.ts';

const OPEN_ID_COOKIE = 'vesalius-open-id';

/** Sign-in, sign-out, the own password. */
export function accountRoutes(app: FastifyInstance, parts: AccessParts): void {
  const { users, sessions, throttled } = parts;

  apiRoute(app, 'signIn', async ({ request, reply, body: { name, password } }) => {
    if (fromOwnSite(request, parts.settings) === false)
      throw new Refusal('CROSS_SITE', { what: 'origin of the sign-in' });
    throttled.demand(name, request.ip);
    const user = await users.signIn(name, password);
    if (user === undefined) {
      throttled.failed(name, request.ip);
      // The name as typed may be a password typed into the wrong field.
      await parts.note(request, { action: 'signed-in', outcome: 'minor failure' });
      throw new Refusal('WRONG_CREDENTIALS', { what: 'name or password' });
    }
    throttled.succeeded(name, request.ip);
    await beginSession(parts, request, reply, user);
    return shown(principalOf(user), user.mustChangePassword);
  });

  apiRoute(app, 'signOut', async ({ request, reply }) => {
    await sessions.end(request.cookies[SESSION_COOKIE] ?? '');
    reply.clearCookie(SESSION_COOKIE, cookieOf(parts, request));
    await parts.note(request, { action: 'signed-out' });
  });

  const meOf = async (principal: Principal) => {
    const user = principal.kind === 'user' ? await users.get(principal.id) : undefined;
    return shown(principal, user?.mustChangePassword ?? false);
  };
  apiRoute(app, 'me', ({ request: { principal } }) => meOf(principal));
  apiRoute(app, 'session', async ({ request: { principal } }) => ({
    ...(principal !== NOBODY && { me: await meOf(principal) }),
    openId: parts.openId !== undefined,
  }));

  apiRoute(app, 'changePassword', async ({ request, reply, body }) => {
    const { principal, ip } = request;
    if (principal.kind !== 'user') throw new Refusal('NOT_ALLOWED', { what: 'credentials', expected: 'a session' });
    throttled.demand(principal.name, ip);
    if ((await users.signIn(principal.name, body.old)) === undefined) {
      throttled.failed(principal.name, ip);
      throw new Refusal('WRONG_CREDENTIALS', { what: 'old password' });
    }
    if (body.new === body.old || body.new.toLowerCase().includes(principal.name.toLowerCase()))
      throw new Refusal('BAD_REQUEST', { what: 'new password', expected: 'another one, without your name in it' });
    await users.setPassword(principal.id, body.new);
    await sessions.endAll(principal.id);
    const user = await users.get(principal.id);
    if (user !== undefined) await beginSession(parts, request, reply, user, 'password-changed');
  });

  if (parts.openId !== undefined) openIdRoutes(app, parts, parts.openId);
}

/** A new id at each sign-in; the session that the browser had before ends. */
async function beginSession(
  parts: AccessParts,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
  action = 'signed-in',
): Promise<void> {
  await parts.sessions.end(request.cookies[SESSION_COOKIE] ?? '');
  reply.setCookie(SESSION_COOKIE, await parts.sessions.begin(user.id), cookieOf(parts, request));
  await parts.note(request, { action, principal: user.id });
}

function cookieOf({ urlOf }: AccessParts, request: FastifyRequest) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: urlOf(request).startsWith('https:') } as const;
}

function shown(principal: Principal, mustChangePassword: boolean) {
  const { id, name, kind } = principal;
  const held = PERMISSIONS.map((permission) => ({ permission, ...principal.accessFor(permission) }));
  const permissions = held
    .filter(({ projects }) => projects.length > 0)
    .map(({ permission, projects }) => ({
      permission,
      projects: projects === 'all' ? ('all' as const) : [...projects],
    }));
  return { id, name, kind, mustChangePassword, permissions };
}

function openIdRoutes(app: FastifyInstance, parts: AccessParts, openId: NonNullable<AccessParts['openId']>): void {
  const cookie = (request: FastifyRequest) =>
    ({ ...cookieOf(parts, request), sameSite: 'lax', path: '/api/open-id', maxAge: 600 }) as const;

  app.get('/api/open-id/sign-in', { config: { access: 'public' } }, async (request, reply) => {
    const { redirect, state } = await openId.begin(`${parts.urlOf(request)}/api/open-id/callback`);
    return reply.setCookie(OPEN_ID_COOKIE, state, cookie(request)).redirect(redirect);
  });

  app.get('/api/open-id/callback', { config: { access: 'public' } }, async (request, reply) => {
    const callback = new URL(request.url, parts.urlOf(request));
    const { subject, name, grants } = await openId.finish(callback, request.cookies[OPEN_ID_COOKIE] ?? '');
    const user = await parts.users.fromOpenId(subject, name, grants);
    if (user.disabled) throw new Refusal('WRONG_CREDENTIALS', { what: 'user' });
    await beginSession(parts, request, reply, user);
    return reply.clearCookie(OPEN_ID_COOKIE, cookie(request)).type('text/html').send(onwardPage('/'));
  });
}
