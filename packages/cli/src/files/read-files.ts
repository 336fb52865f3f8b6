import { readdir, readFile } from 'node:fs/promises';
import { VesaliusError } from '@vesalius/errors';
import { fileErrorOf } from './file-error.ts';

/** @throws FILE_NOT_FOUND, FILE_UNREADABLE, OUT_OF_MEMORY */
export async function readFileBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileErrorOf(error, path);
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
