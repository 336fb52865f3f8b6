import { createReadStream, existsSync, globSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The page that people work at: the files of its build, for everybody, as they show nothing before the sign-in. Names of assets change with
 * what is in them, so browsers keep them for ever. Every address of the page itself gives `index.html`.
 *
 * @param folder - of the build; without it the first page says so
 */
export function workbench(app: FastifyInstance, folder: string | undefined): void {
  const config = { access: 'public' } as const;
  if (folder === undefined) {
    app.get('/', { config }, async (_, reply) => reply.type('text/html; charset=utf-8').send(NOT_BUILT));
    return;
  }
  for (const name of globSync('assets/**', { cwd: folder }).filter((each) => extname(each) !== '.gz')) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const packed = existsSync(`${path}.gz`);
    app.get(`/${name.replaceAll('\\', '/')}`, { config }, async ({ headers }, reply) => {
      const asGzip = packed && /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''));
      if (asGzip) reply.header('content-encoding', 'gzip');
      if (packed) reply.header('vary', 'accept-encoding');
      return reply
        .type(TYPES[extname(name)] ?? 'application/octet-stream')
        .header('cache-control', FOR_EVER)
        .send(createReadStream(asGzip ? `${path}.gz` : path));
    });
  }
  for (const url of PAGES)
    app.get(url, { config }, async (_, reply) =>
      reply
        .type(TYPES['.html'] ?? '')
        .header('cache-control', 'no-cache')
        .send(createReadStream(join(folder, 'index.html'))),
    );
}

const NOT_BUILT =
  '<!doctype html><title>Vesalius</title><h1>Vesalius</h1><p>The workbench is not built: npm start builds it. The archive answers.</p>';

/** As `App` of the workbench has them. */
const PAGES = [
  '/',
  '/study/:study',
  '/models',
  '/models/:model',
  '/graph',
  '/train',
  '/train/:training',
  '/tokens',
  '/users',
  '/audit',
];
