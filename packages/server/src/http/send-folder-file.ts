import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';

export interface FolderFile {
  /** Inside the folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
}

const TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.jsonl': 'application/jsonl',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.png': 'image/png',
};
/** Files come from others: nothing in them runs, nothing is loaded, and they have no origin. */
const SANDBOX = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** Every file below a folder that is a plain file, by path; nothing where there is no folder. */
export async function listFolderFiles(folder: string): Promise<readonly FolderFile[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const listed = files.map(async (file) => {
    const path = relative(folder, file).replaceAll('\\', '/');
    return { path, bytes: (await stat(file)).size };
  });
  return (await Promise.all(listed)).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Sends a file of a folder, or the part of it that `Range` asks for. Only what the folder is found to hold is sent, whatever the path
 * says.
 *
 * @throws Refusal NOT_FOUND
 */
export async function sendFolderFile(
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  folder: string,
  path: string,
): Promise<FastifyReply> {
  const found = (await listFolderFiles(folder)).find((file) => file.path === path);
  if (!found) throw new Refusal('NOT_FOUND', { what: 'file' });
  reply
    .header('content-type', TYPES[extname(path)] ?? 'application/octet-stream')
    .header('content-security-policy', SANDBOX)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'private, no-cache')
    .header('accept-ranges', 'bytes');
  const { bytes } = found;
  const range = rangeOf(request.headers.range, bytes);
  if (range === 'outside') return reply.code(416).header('content-range', `bytes */${bytes}`).send();
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${bytes}`);
  reply.header('content-length', end - start + 1);
  // A log that grows meanwhile is sent as long as it was.
  return reply.send(bytes === 0 ? '' : createReadStream(join(folder, path), { start, end }));
}

/** RFC 9110 14: one range of bytes; anything else is answered with the whole. */
function rangeOf(header: string | undefined, bytes: number) {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  return start > end || start >= bytes ? ('outside' as const) : { start, end };
}
