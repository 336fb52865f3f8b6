import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import type { ServedArchive } from './outside-client.ts';

const VERSION = '3.13.2';

type Target = Pick<ServedArchive, 'url' | 'token'>;

/** The published package, unpacked: from VESALIUS_OHIF, or fetched once into the temporary folder. */
export async function ohifFolder(): Promise<string> {
  const named = process.env.VESALIUS_OHIF;
  if (named !== undefined) return named;
  const folder = join(tmpdir(), `vesalius-ohif-${VERSION}`);
  if (existsSync(folder)) return join(folder, 'package', 'dist');
  const run = promisify(execFile);
  const fresh = `${folder}-${process.pid}`;
  await mkdir(fresh);
  await run('npm', ['pack', `@ohif/app@${VERSION}`, '--pack-destination', fresh]);
  await run('tar', ['xzf', join(fresh, `ohif-app-${VERSION}.tgz`), '-C', fresh]);
  await rm(join(fresh, `ohif-app-${VERSION}.tgz`));
  await rename(fresh, folder);
  return join(folder, 'package', 'dist');
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/** OHIF's files, and the archive under the same origin. */
export function serveOhif(folder: string, target: Target): Promise<Server> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path.startsWith('/dicom-web')) return passOn(request, response, target);
    if (path === '/app-config.js') return void response.setHeader('Content-Type', TYPES['.js'] ?? '').end(CONFIG);
    const file = join(folder, normalize(path));
    const isFile = extname(path) !== '' && existsSync(file);
    // As any server of such files would say: their names change with what is in them.
    if (isFile) response.setHeader('Cache-Control', 'max-age=3600');
    response.setHeader('Content-Type', TYPES[isFile ? extname(file) : '.html'] ?? 'application/octet-stream');
    createReadStream(isFile ? file : join(folder, 'index.html')).pipe(response);
  });
  return new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(server)));
}

function passOn(request: IncomingMessage, response: ServerResponse, { url, token }: Target): void {
  const { host: _, ...sent } = request.headers;
  const passed = httpRequest(
    `${url}${request.url}`,
    { method: request.method, headers: { ...sent, ...authorization(token) } },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  passed.on('error', () => response.destroy());
  request.pipe(passed);
}

const SOURCE = {
  namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
  sourceName: 'vesalius',
  configuration: {
    friendlyName: 'Vesalius',
    name: 'vesalius',
    wadoUriRoot: '/wado',
    qidoRoot: '/dicom-web',
    wadoRoot: '/dicom-web',
    qidoSupportsIncludeField: true,
    supportsFuzzyMatching: true,
    supportsWildcard: true,
    imageRendering: 'wadors',
    thumbnailRendering: 'wadors',
    enableStudyLazyLoad: true,
    bulkDataURI: { enabled: true },
  },
};

const CONFIG = `window.config = ${JSON.stringify({
  routerBasename: '/',
  extensions: [],
  modes: [],
  showStudyList: true,
  maxNumberOfWebWorkers: 1,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  defaultDataSourceName: SOURCE.sourceName,
  dataSources: [SOURCE],
})};`;

export function authorization(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
