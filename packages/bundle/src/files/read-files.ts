import { open, readdir, readFile, stat } from 'node:fs/promises';
import { VesaliusError } from '@vesalius/errors';
import { fileErrorOf } from './file-error.ts';

/** Node reads no larger file in one go. */
const LARGE = 2 ** 31 - 1;

/** @throws FILE_NOT_FOUND, FILE_UNREADABLE (also for what is no file, such as a pipe, which could be waited on for ever), OUT_OF_MEMORY */
export async function readFileBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const found = await stat(path);
    if (found.isFIFO() || found.isSocket() || found.isCharacterDevice())
      throw new VesaliusError('FILE_UNREADABLE', {
        what: 'a pipe or device stands where a file is expected',
        file: path,
      });
    return found.size < LARGE ? await readFile(path) : await readLarge(path, found.size);
  } catch (error) {
    throw fileErrorOf(error, path);
  }
}

async function readLarge(path: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  const file = await open(path);
  try {
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 2 ** 30));
      if (bytesRead === 0) return bytes.subarray(0, at);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** @throws FILE_FORMAT when it is not JSON; otherwise as `readFileBytes` */
export async function readJsonFile(path: string): Promise<unknown> {
  const bytes = await readFileBytes(path);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new VesaliusError('FILE_FORMAT', { what: 'JSON', got: (cause as Error).message, file: path, cause });
  }
}

export interface FolderListing {
  readonly files: readonly string[];
  readonly folders: readonly string[];
}

/** Names in a folder, in alphabetical order, without hidden ones. Links are followed by whoever opens them. */
export async function listFolder(path: string): Promise<FolderListing> {
  try {
    const entries = (await readdir(path, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
    const names = (folders: boolean) =>
      entries
        .filter((entry) => entry.isDirectory() === folders)
        .map(({ name }) => name)
        .toSorted();
    return { files: names(false), folders: names(true) };
  } catch (error) {
    throw fileErrorOf(error, path);
  }
}
