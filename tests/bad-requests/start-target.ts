import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERMISSIONS } from '@vesalius/api';
import pino from 'pino';
import { startServer } from '../../packages/server/src/serve.ts';
import { DEFAULT_SETTINGS } from '../../packages/server/src/settings.ts';
import type { Target } from './bad-request.ts';

export interface StartedTarget extends Target {
  /** What the server wrote into its log so far. */
  readonly logged: readonly string[];
  close(): Promise<void>;
}

/** The whole server in a temporary folder, as it starts for the first time, with a token that may do everything. */
export async function startTarget(): Promise<StartedTarget> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'vesalius-target-'));
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const dimse = { ...DEFAULT_SETTINGS.dimse, port: 0 };
  const server = await startServer({ ...DEFAULT_SETTINGS, dataFolder, httpPort: 0, dimse }, { log });
  const close = async () => {
    await server.close();
    rmSync(dataFolder, { recursive: true, force: true });
  };
  try {
    const { name = '', oneTimePassword = '' } = server.firstAdmin ?? {};
    const token = await tokenOf(server.url, { name, password: oneTimePassword });
    const { aeTitle } = dimse;
    return { url: server.url, token, dimse: { host: '127.0.0.1', port: server.dimsePort, aeTitle }, logged, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Signs in, changes the one-time password and makes a token. */
async function tokenOf(url: string, { name, password }: { name: string; password: string }): Promise<string> {
  const changed = `${password}-changed`;
  const first = await ask(`${url}/api/sign-in`, 'POST', { name, password });
  const cookie = cookieOf(first);
  const after = await ask(`${url}/api/me/password`, 'PUT', { old: password, new: changed }, cookie);
  const session = cookieOf(after) || cookieOf(await ask(`${url}/api/sign-in`, 'POST', { name, password: changed }));
  const made = await ask(
    `${url}/api/tokens`,
    'POST',
    { name: 'bad requests', permissions: PERMISSIONS, days: 1 },
    session,
  );
  return ((await made.json()) as { token: string }).token;
}

function ask(url: string, method: string, body: unknown, cookie = ''): Promise<Response> {
  const origin = new URL(url).origin;
  const headers = { 'Content-Type': 'application/json', Origin: origin, ...(cookie ? { Cookie: cookie } : {}) };
  return fetch(url, { method, headers, body: JSON.stringify(body) });
}

function cookieOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
