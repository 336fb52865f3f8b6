import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../../tools/root.ts';
import type { ArchiveProgram } from './archive-side.ts';
import { ask, askWell } from './http-client.ts';
import { endServer, freePort, spawnServer } from './spawn-server.ts';

const AE_TITLE = 'VESALIUS';
const PERMISSIONS = ['archive.read', 'archive.write', 'archive.delete', 'fhir.read', 'fhir.write'];
/** Far above what one client can ask: the limit is not what is measured. */
const REQUESTS_PER_MINUTE = 10_000_000;

interface FirstStart {
  readonly firstAdmin: { readonly name: string; readonly oneTimePassword: string };
}

/** `vesalius serve` with an empty data folder; its first start makes the token that the client brings. */
export function vesalius(folder: string, more: { readonly dimse?: object } = {}): ArchiveProgram {
  mkdirSync(folder, { recursive: true });
  const tokenFile = join(folder, 'token');
  return {
    name: 'Vesalius',
    start: async () => {
      if (!existsSync(tokenFile)) writeFileSync(tokenFile, await makeToken(folder, more));
      const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8')}` };
      const { child, startMs, ...ports } = await serve(folder, more, async (url) => {
        const { status } = await ask(`${url}/dicom-web/studies?limit=1`, { headers });
        return status < 300;
      });
      return {
        name: 'Vesalius',
        dicomWeb: `${ports.url}/dicom-web`,
        headers,
        dimsePort: ports.dimsePort,
        aeTitle: AE_TITLE,
        pid: child.pid ?? 0,
        startMs,
        close: () => endServer(child),
      };
    },
  };
}

async function serve(folder: string, more: { readonly dimse?: object }, answers: (url: string) => Promise<boolean>) {
  const [httpPort, dimsePort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${httpPort}`;
  const file = join(folder, 'settings.json');
  const settings = {
    dataFolder: join(folder, 'data'),
    httpPort,
    dimse: { ...more.dimse, port: dimsePort, aeTitle: AE_TITLE },
    limits: { requestsPerMinute: REQUESTS_PER_MINUTE },
  };
  writeFileSync(file, JSON.stringify(settings));
  const args = [
    join(ROOT, 'packages/cli/bin/vesalius.js'),
    'serve',
    '--settings',
    file,
    '--no-samples',
    '--json',
    '--log',
    'error',
  ];
  const program = join(ROOT, 'node_modules/.bin/node');
  const started = await spawnServer({ program, args, answers: () => answers(url) });
  return { ...started, url, dimsePort };
}

/** The first start prints a password once: with it a session, with that a token. */
async function makeToken(folder: string, more: { readonly dimse?: object }): Promise<string> {
  const { child, url } = await serve(folder, more, async (at) => (await ask(`${at}/health`)).status < 500);
  try {
    const { firstAdmin } = JSON.parse(await firstLine(child)) as FirstStart;
    return await tokenOf(url, firstAdmin);
  } finally {
    await endServer(child);
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) return line;
  return '{}';
}

async function tokenOf(url: string, { name, oneTimePassword }: FirstStart['firstAdmin']): Promise<string> {
  const password = randomUUID();
  let cookie = '';
  const send = async (method: 'POST' | 'PUT', path: string, body: object): Promise<string> => {
    const headers = { 'content-type': 'application/json', origin: url, cookie };
    const answer = await askWell(`${url}${path}`, { method, headers, body: Buffer.from(JSON.stringify(body)) });
    const [set = ''] = answer.headers['set-cookie'] ?? [];
    if (set !== '') cookie = set.split(';')[0] ?? '';
    return answer.body.toString();
  };
  await send('POST', '/api/sign-in', { name, password: oneTimePassword });
  await send('PUT', '/api/me/password', { old: oneTimePassword, new: password });
  await send('POST', '/api/sign-in', { name, password });
  const made = await send('POST', '/api/tokens', { name: 'bench', permissions: PERMISSIONS });
  return (JSON.parse(made) as { token: string }).token;
}
