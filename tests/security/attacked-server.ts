import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERMISSIONS, type Permission } from '@vesalius/api';
import { DEFAULT_SETTINGS, type RunningServer, startServer } from '@vesalius/server';
import pino from 'pino';
import { cookieOf } from './cookie-of.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A whole server, its accounts, and what an attacker has: addresses, tokens of several kinds, a listener inside the network. */
export interface AttackedServer {
  readonly server: RunningServer;
  readonly url: string;
  readonly port: number;
  readonly dataFolder: string;
  readonly adminPassword: string;
  /** The session of the admin, as a Cookie header. */
  readonly adminCookie: string;
  /** Every line that was logged. */
  readonly logged: readonly string[];
  /** Counts requests that reached a server inside the network. */
  readonly inside: { readonly port: number; readonly reached: () => number };
  ask(path: string, options?: AskOptions): Promise<Answer>;
  /** What comes back on a bare connection, until it ends or time is over. */
  raw(text: string | Uint8Array, waitMs?: number): Promise<string>;
  /** A token of the admin with these permissions. */
  tokenWith(permissions: readonly Permission[], projects?: 'all' | readonly string[]): Promise<string>;
  expiredToken(): Promise<string>;
  signIn(name: string, password: string, headers?: Record<string, string>): Promise<Answer>;
  close(): Promise<void>;
}

export interface AskOptions {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly json?: unknown;
}

const PASSWORD = 'a sentence that nobody guesses';
const BROWSER = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
const MANY = 10_000_000;

/** Starts the server that `vesalius serve` starts, on ports of its own and an empty folder. */
export async function startAttackedServer(): Promise<AttackedServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'vesalius-security-'));
  const inside = await listenInside();
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const settings = {
    ...DEFAULT_SETTINGS,
    dataFolder,
    httpPort: 0,
    dimse: { ...DEFAULT_SETTINGS.dimse, port: 0 },
    limits: { ...DEFAULT_SETTINGS.limits, requestBytes: 64 << 20, instanceBytes: 32 << 20, requestsPerMinute: MANY },
  };
  const server = await startServer(settings, { log });
  const { url, services } = server;
  const port = Number(new URL(url).port);
  const ask = (path: string, options: AskOptions = {}) => asked(url, path, options);
  const signIn = (name: string, password: string, headers: Record<string, string> = {}) =>
    ask('/api/sign-in', { method: 'POST', json: { name, password }, headers: { ...BROWSER, ...headers } });

  const oneTime = server.firstAdmin?.oneTimePassword ?? '';
  const first = cookieOf(await signIn('admin', oneTime));
  const change = { method: 'PUT', json: { old: oneTime, new: PASSWORD }, headers: { ...BROWSER, cookie: first } };
  const adminCookie = cookieOf(await ask('/api/me/password', change));
  const admin = { ...BROWSER, cookie: adminCookie };
  for (const id of ['lung', 'heart'])
    await ask('/api/projects', { method: 'POST', json: { id, name: id }, headers: admin });
  const tokenWith = async (permissions: readonly Permission[], projects: 'all' | readonly string[] = 'all') => {
    const made = await ask('/api/tokens', {
      method: 'POST',
      json: { name: 't', permissions, projects },
      headers: admin,
    });
    return (JSON.parse(made.text) as { token: string }).token;
  };

  return {
    ...{ server, url, port, dataFolder, adminCookie, logged, ask, signIn, tokenWith },
    adminPassword: PASSWORD,
    inside: { port: inside.port, reached: inside.reached },
    raw: (text, waitMs = 5000) => rawAnswer(port, text, waitMs),
    expiredToken: async () => {
      const token = await tokenWith(PERMISSIONS);
      await services.database
        .tables<{ access_token: { id: string; expires_at: string } }>()
        .updateTable('access_token')
        .set({ expires_at: new Date(Date.now() - 1000).toISOString() })
        .where('id', '=', token.split('_')[1] ?? '')
        .execute();
      return token;
    },
    close: async () => {
      await server.close();
      inside.close();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

async function asked(
  url: string,
  path: string,
  { method = 'GET', token, headers = {}, body, json }: AskOptions,
): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: json === undefined ? (body ?? null) : JSON.stringify(json),
    signal: AbortSignal.timeout(60_000),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

function rawAnswer(port: number, text: string | Uint8Array, waitMs: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(end, waitMs);
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}

/** Something that only machines inside may reach. */
async function listenInside(): Promise<{ port: number; reached: () => number; close: () => void }> {
  let count = 0;
  const server: Server = createServer((_, response) => {
    count++;
    response.end('[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, reached: () => count, close: () => server.close() };
}
