import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Authenticate } from '../http/guard.ts';
import type { KnownProjects } from '../http/known-projects.ts';
import type { PasswordTokens } from '../http/password-tokens.ts';
import { Refusal } from '../http/refusal.ts';
import type { Settings } from '../settings.ts';
import type { Database } from '../store/database.ts';
import type { AccessParts } from './access-parts.ts';
import { createAuthenticate } from './authenticate.ts';
import { openClients } from './clients.ts';
import { openOpenId } from './open-id.ts';
import { openPasswordTokens } from './password-tokens.ts';
import { openProjects } from './projects.ts';
import { accountRoutes } from './routes/account.ts';
import { administrationRoutes } from './routes/administration.ts';
import { oauthRoutes } from './routes/oauth.ts';
import { projectRoutes } from './routes/projects.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { openSessions } from './sessions.ts';
import { signInThrottle } from './sign-in-throttle.ts';
import type { AccessTables } from './tables.ts';
import { openTokens } from './tokens.ts';
import { openUsers } from './users.ts';

interface AccessOptions {
  readonly settings: Settings;
  readonly database: Database;
  readonly audit: AuditLog;
}

/** Who may do what: users, sessions, tokens, projects, apps. */
export interface AccessControl {
  /** For `createApp`. */
  readonly authenticate: Authenticate;
  readonly projects: KnownProjects;
  readonly passwordTokens: PasswordTokens;
  /** Makes those that settings name and nobody made yet. */
  createProjects(ids: readonly string[]): Promise<void>;
  /** Registers /api/sign-in and what follows, /oauth, .well-known. */
  readonly routes: (app: FastifyInstance) => void;
  /** @returns the password of `admin`, once: nothing when there are users */
  createFirstAdmin(): Promise<{ readonly name: string; readonly oneTimePassword: string } | undefined>;
  /** For who can reach the data folder and has lost the password. @throws Refusal NOT_FOUND, CONFLICT */
  resetPassword(name: string): Promise<{ readonly name: string; readonly oneTimePassword: string }>;
}

/** Wants `accessMigrations` to have run. */
export function openAccess({ settings, database, audit }: AccessOptions): AccessControl {
  const tables = database.tables<AccessTables>();
  const users = openUsers(tables);
  const parts: AccessParts = {
    settings,
    audit,
    users,
    sessions: openSessions(tables, settings.sessionMinutes),
    tokens: openTokens(tables, users),
    projects: openProjects(tables),
    clients: openClients(tables),
    openId: settings.openId && openOpenId(settings.openId),
    throttled: signInThrottle(),
    urlOf: (request) => settings.publicUrl?.replace(/\/$/, '') ?? ownUrl(request, settings.host),
    note: ({ principal, ip }, event) =>
      audit.record({ outcome: 'success', principal: principal.id, from: ip, ...event }),
  };
  return {
    authenticate: createAuthenticate(parts),
    projects: parts.projects,
    passwordTokens: openPasswordTokens(parts),
    createProjects: async (ids) => {
      for (const id of new Set(ids)) if (!(await parts.projects.has(id))) await parts.projects.create(id, id);
    },
    routes: (app) => {
      accountRoutes(app, parts);
      tokenRoutes(app, parts);
      administrationRoutes(app, parts);
      projectRoutes(app, parts);
      // Its own context: forms are understood there alone.
      app.register(async (inner) => oauthRoutes(inner, parts));
    },
    resetPassword: async (name) => {
      const id = (await users.all()).find((user) => user.name === name)?.id;
      if (id === undefined) throw new Refusal('NOT_FOUND', { what: 'user' });
      const { oneTimePassword } = await users.resetPassword(id);
      await audit.record({
        ...{ action: 'password-reset', outcome: 'success', principal: 'command line', from: 'data folder' },
        entities: [{ kind: 'user', id }],
      });
      return { name, oneTimePassword };
    },
    createFirstAdmin: async () => {
      if ((await users.all()).length > 0) return undefined;
      const { user, oneTimePassword } = await users.create('admin', [{ project: '*', role: 'admin' }]);
      return { name: user.name, oneTimePassword };
    },
  };
}

/** As the client wrote it where that is an address of ours, else as the connection came in: a Host header is anyone's to choose. */
function ownUrl({ protocol, host, hostname, socket }: FastifyRequest, listening: string): string {
  const { localAddress = '', localPort } = socket;
  const ours = [listening, 'localhost', localAddress].includes(hostname.replace(/^\[(.*)\]$/, '$1'));
  const address = localAddress.includes(':') ? `[${localAddress}]` : localAddress;
  return `${protocol}://${ours ? host : `${address}:${localPort}`}`;
}
