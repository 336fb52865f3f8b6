import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { fileErrorOf } from './file-error.ts';

/**
 * Writes a file that is either there whole or not at all: into a hidden sibling, flushed to the disk, then renamed. Folders
 * on the way are made.
 *
 * @throws DISK_FULL, WRITE_FAILED; the sibling is removed
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string,
  options: { mode?: number } = {},
): Promise<void> {
  await written(path, async (sibling) => {
    const file = await open(sibling, 'wx', options.mode ?? 0o666);
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(sibling, path);
  });
}

export interface WriteFolderOptions {
  /** Writes the files into the folder it is given. */
  readonly fill: (folder: string) => Promise<void>;
  /** A former folder of the name that holds all these is replaced; any other that is not empty is left alone. */
  readonly replaceIfHolding: readonly string[];
}

/**
 * Writes a folder that is either there whole or not at all.
 *
 * @throws DISK_FULL, WRITE_FAILED (also when a folder of something else is in the way), or what `fill` throws; what was half
 *   written is removed
 */
export async function writeFolderAtomic(path: string, { fill, replaceIfHolding }: WriteFolderOptions): Promise<void> {
  await assertReplaceable(path, replaceIfHolding);
  await written(path, async (sibling) => {
    await mkdir(sibling);
    await fill(sibling);
    await flushAll(sibling);
    const former = hiddenSibling(path);
    const replaced = await movedAway(path, former);
    try {
      await rename(sibling, path);
    } catch (error) {
      if (replaced) await rename(former, path);
      throw error;
    }
    if (replaced) await rm(former, { recursive: true, force: true });
  });
}

async function written(path: string, write: (sibling: string) => Promise<void>): Promise<void> {
  const sibling = hiddenSibling(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await write(sibling);
    await flush(dirname(path));
  } catch (error) {
    await rm(sibling, { recursive: true, force: true }).catch(() => undefined);
    throw fileErrorOf(error, path, true);
  }
}

function hiddenSibling(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
}

async function assertReplaceable(path: string, marks: readonly string[]): Promise<void> {
  const names = await namesIn(path);
  if (names.length === 0 || marks.every((mark) => names.includes(mark))) return;
  const expected = `a new or empty folder, or one with ${marks.join(', ')}`;
  throw new VesaliusError('WRITE_FAILED', {
    what: 'a folder with other things in it is in the way',
    expected,
    file: path,
  });
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    if ((error as NodeJS.ErrnoException).code !== 'ENOTDIR') throw fileErrorOf(error, path, true);
    throw new VesaliusError('WRITE_FAILED', { what: 'a file stands where the folder is to be written', file: path });
  }
}

async function movedAway(path: string, to: string): Promise<boolean> {
  if ((await namesIn(path)).length === 0) return false;
  await rename(path, to);
  return true;
}

async function flushAll(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const entry of entries) await flush(join(entry.parentPath, entry.name));
  await flush(folder);
}

async function flush(path: string): Promise<void> {
  // Windows opens no folder for flushing, and needs none.
  if (process.platform === 'win32') return;
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
