import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import type { Candidate } from './import-candidates.ts';

const HELD_BYTES = 8 << 20;

/**
 * The files below a folder, or one file, in the order of their names. Links are not followed: they could lead anywhere.
 *
 * @throws FILE_NOT_FOUND, FILE_UNREADABLE
 */
export async function filesBelow(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const entries = await readdir(path, { withFileTypes: true, recursive: true });
    const files = entries.filter((entry) => entry.isFile() && !isIndex(entry.name));
    return files.map((entry) => join(entry.parentPath, entry.name)).sort();
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const what = missing ? 'folder to import does not exist' : 'folder to import cannot be read';
    throw new VesaliusError(missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE', { what, file: path, cause });
  }
}

/** A medium's index says of the other files what they say themselves. */
export function isIndex(name: string): boolean {
  return basename(name) === 'DICOMDIR' || basename(name).startsWith('.');
}

/** A file of a folder, named by its way below it. */
export function fileCandidate(file: string, folder: string): Candidate {
  return { name: relative(folder, file) || basename(file), open: () => open(file) };
}

async function open(file: string): Promise<Uint8Array | AsyncIterable<Uint8Array>> {
  return (await stat(file)).size <= HELD_BYTES ? readFile(file) : createReadStream(file, { highWaterMark: 1 << 20 });
}
