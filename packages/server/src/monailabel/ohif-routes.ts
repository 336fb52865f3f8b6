import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { Refusal } from '../http/refusal.ts';
import { type Call, pathOf } from './call.ts';
import type { Route } from './route.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
};

/** OHIF's build makes functions from text and writes styles into its pages; it stays within this server all the same. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The files of OHIF's build, from a folder that the settings name. They hold nothing of a patient. */
export const OHIF_ROUTES: readonly Route[] = ['/ohif/', '/ohif/*'].map((path) => ({
  methods: ['GET'],
  path,
  access: 'public',
  handler: sendPage,
}));

async function sendPage(call: Call) {
  const folder = await realpath(call.services.settings.monailabel.ohifFolder ?? '');
  const path = await fileIn(folder, pathOf(call, '*'));
  const { size } = await stat(path);
  const isPage = path.endsWith('index.html');
  return call.reply
    .headers({ 'content-security-policy': POLICY, 'cross-origin-embedder-policy': 'unsafe-none' })
    .header('cache-control', isPage ? 'no-cache' : 'public, max-age=3600')
    .header('content-length', size)
    .type(TYPES[extname(path)] ?? 'application/octet-stream')
    .send(createReadStream(path));
}

/** A file of the folder; the page itself for every address that the page understands. */
async function fileIn(folder: string, path: string): Promise<string> {
  const asked = await realpath(join(folder, path)).catch(() => undefined);
  if (asked?.startsWith(`${folder}${sep}`) && (await stat(asked)).isFile()) return asked;
  if (extname(path) !== '') throw new Refusal('NOT_FOUND', { what: 'file of OHIF' });
  return join(folder, 'index.html');
}
