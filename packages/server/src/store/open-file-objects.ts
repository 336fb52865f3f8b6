import { randomUUID } from 'node:crypto';
import {
  close,
  closeSync,
  createReadStream,
  type Dirent,
  fstatSync,
  open as openCallback,
  openSync,
  read,
} from 'node:fs';
import { mkdir, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { VesaliusError } from '@vesalius/errors';
import { codeOf, writing } from './file-errors.ts';
import type { ObjectStore, PendingObject } from './object-store.ts';
import { flushFolder, PendingFile } from './pending-file.ts';

/**
 * Objects as files below a folder. What was on its way in when a process ended is removed at the next opening.
 *
 * @throws WRITE_FAILED, DISK_FULL where the folder cannot be made
 */
export async function openFileObjects(folder: string): Promise<ObjectStore> {
  const incoming = join(folder, 'incoming');
  await rm(incoming, { recursive: true, force: true });
  await writing(() => mkdir(incoming, { recursive: true }));
  return new FileObjects(folder, incoming);
}

const readByThread = promisify(read);
const KEY = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

class FileObjects implements ObjectStore {
  readonly #folder: string;
  readonly #incoming: string;
  /** Folders that are known to be there for good. */
  readonly #made = new Set<string>();

  constructor(folder: string, incoming: string) {
    this.#folder = folder;
    this.#incoming = incoming;
  }

  async begin(): Promise<PendingObject> {
    const path = join(this.#incoming, randomUUID());
    return writing(() => new PendingFile({ path, place: (key) => this.#place(key) }));
  }

  async size(key: string): Promise<number> {
    return (await reading(key, () => stat(this.#path(key)))).size;
  }

  async read(key: string, range?: { readonly start: number; readonly end: number }): Promise<Buffer> {
    const file = await reading(key, () => openSync(this.#path(key), 'r'));
    try {
      const start = range?.start ?? 0;
      const length = Math.max(0, Math.min(range?.end ?? Infinity, fstatSync(file).size) - start);
      const buffer = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await readByThread(file, buffer, filled, length - filled, start + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      closeSync(file);
    }
  }

  stream(key: string) {
    return createReadStream(this.#path(key), { fs: namingObject(key) });
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async *keys(prefix: string): AsyncIterable<string> {
    yield* filesBelow(this.#folder, prefix.replace(/\/$/, ''));
  }

  async room(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }

  async close(): Promise<void> {}

  #path(key: string): string {
    if (KEY.test(key) && !key.includes('..')) return join(this.#folder, key);
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'key of an object', expected: 'names joined by slashes' });
  }

  /** Where a key's file goes; its folder is there and would survive. */
  async #place(key: string): Promise<string> {
    const path = this.#path(key);
    const parent = dirname(path);
    if (!this.#made.has(parent)) {
      const first = await mkdir(parent, { recursive: true });
      if (first !== undefined) await flushFolders(parent, dirname(first));
      this.#made.add(parent);
    }
    return path;
  }
}

async function flushFolders(from: string, to: string): Promise<void> {
  for (let path = from; ; path = dirname(path)) {
    await flushFolder(path);
    if (path === to || path === dirname(path)) return;
  }
}

async function* filesBelow(root: string, prefix: string): AsyncGenerator<string> {
  let entries: Dirent[] = [];
  try {
    entries = await readdir(join(root, prefix), { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') throw error;
  }
  for (const entry of entries) {
    const key = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, key);
    else yield key;
  }
}

/** How a stream opens its file, with the errors of this contract. */
function namingObject(key: string) {
  return {
    open: (path: string, flags: string, mode: number, done: (error: Error | null, file?: number) => void) =>
      openCallback(path, flags, mode, (error, file) => done(error && unreadable(key, error), file)),
    read,
    close,
  };
}

function unreadable(key: string, cause: unknown): VesaliusError {
  const code = codeOf(cause) === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE';
  return cause instanceof VesaliusError ? cause : new VesaliusError(code, { what: `object ${key}`, cause });
}

async function reading<Value>(key: string, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (cause) {
    throw unreadable(key, cause);
  }
}
