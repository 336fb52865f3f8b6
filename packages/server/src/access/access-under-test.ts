import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import pino from 'pino';
import type { AuditLog } from '../audit/audit-log.ts';
import { auditMigrations } from '../audit/migrations.ts';
import { openAudit } from '../audit/open-audit.ts';
import { createApp } from '../http/create-app.ts';
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts';
import type { Database } from '../store/database.ts';
import { openSqlite } from '../store/open-sqlite.ts';
import { accessMigrations } from './migrations.ts';
import { openAccess } from './open-access.ts';
import type { AccessTables } from './tables.ts';

/** A browser that keeps the cookie of its session, and the password it signed in with. */
export interface Browser {
  readonly password: string;
  cookie: string;
  ask(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
  ): Promise<LightMyRequestResponse>;
}

export interface AccessUnderTest {
  readonly app: FastifyInstance;
  readonly audit: AuditLog;
  readonly database: Database;
  readonly oneTimePassword: string;
  signIn(name: string, password: string, headers?: InjectOptions['headers']): Promise<LightMyRequestResponse>;
  /** Adds a user and signs in. */
  browser(name: string, grants: readonly { project: string; role: string }[]): Promise<Browser>;
  admin: Browser;
  close(): Promise<void>;
}

const SAME_SITE = { 'sec-fetch-site': 'same-origin' };
const PASSWORD = 'a long sentence to remember';

/** The HTTP side with access on a real SQLite, an admin signed in, and a route for each kind of permission. */
export async function accessUnderTest(settings: Partial<Settings> = {}): Promise<AccessUnderTest> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'vesalius-access-'));
  const database = openSqlite(join(dataFolder, 'index.sqlite'));
  await database.migrate([...accessMigrations, ...auditMigrations]);
  const audit = openAudit({ database, dataFolder });
  const all = { ...DEFAULT_SETTINGS, dataFolder, ...settings };
  const access = openAccess({ settings: all, database, audit });
  const app = createApp({
    settings: all,
    log: pino({ level: 'silent' }),
    authenticate: access.authenticate,
    projects: access.projects,
    audit,
  });
  app.register(async (inner) => access.routes(inner));
  for (const url of ['/projects/:project/studies', '/studies'])
    app.get(url, { config: { access: 'archive.read' } }, async (request) => request.access);
  app.get('/fhir/*', { config: { access: 'fhir.read' } }, async (request) => request.access);
  const { oneTimePassword = '' } = (await access.createFirstAdmin()) ?? {};

  const signIn = (name: string, password: string, headers: InjectOptions['headers'] = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/sign-in',
      payload: { name, password },
      headers: { ...SAME_SITE, ...headers },
    });
  const browserOf = (password: string, cookie: string): Browser => {
    const browser: Browser = {
      password,
      cookie,
      ask: (method, url, body) =>
        app.inject({
          method,
          url,
          headers: { ...SAME_SITE, cookie: browser.cookie },
          ...(body !== undefined && { payload: body as object }),
        }),
    };
    return browser;
  };
  const admin = browserOf(PASSWORD, cookieOf(await signIn('admin', oneTimePassword)));
  admin.cookie = cookieOf(await admin.ask('PUT', '/api/me/password', { old: oneTimePassword, new: PASSWORD }));
  return {
    app,
    audit,
    database,
    oneTimePassword,
    signIn,
    admin,
    browser: async (name, grants) => {
      const password = (await admin.ask('POST', '/api/users', { name, grants })).json().oneTimePassword;
      // As if it had been changed: that is tried with the admin, and hashing takes its time.
      const users = database.tables<AccessTables>().updateTable('access_user');
      await users.set({ must_change: 0 }).where('name', '=', name).execute();
      return browserOf(password, cookieOf(await signIn(name, password)));
    },
    close: async () => {
      await app.close();
      await audit.close();
      await database.close();
    },
  };
}

/** The cookie that an answer sets, as a browser sends it back; empty where it sets none. */
export function cookieOf(response: LightMyRequestResponse): string {
  return String(response.headers['set-cookie'] ?? '').split(';')[0] ?? '';
}
