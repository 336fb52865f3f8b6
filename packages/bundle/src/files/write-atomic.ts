import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { fileErrorOf } from './file-error.ts';
import { isRunning } from './is-running.ts';

/**
 * Writes a file that is either there whole or not at all: into a hidden sibling, flushed to the disk, then renamed. Folders
 * on the way are made. What a killed program left of an earlier try is removed.
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
 * Writes a folder that is either there whole or not at all. What a killed program left of an earlier try is removed.
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
    const former = hiddenSibling(path, FORMER);
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

/**
 * Settles what a killed program left beside a path: half-written siblings go, a former folder that was moved away and never
 * replaced comes back. Those of a program that still runs stay.
 */
export async function settleLeftovers(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names.filter((sibling) => isLeftover(sibling, basename(path)))) {
    const sibling = join(dirname(path), name);
    if (name.endsWith(FORMER) && !(await stat(path).catch(() => undefined))) await rename(sibling, path);
    else await rm(sibling, { recursive: true, force: true });
  }
}

async function written(path: string, write: (sibling: string) => Promise<void>): Promise<void> {
  const sibling = hiddenSibling(path, PART);
  try {
    await mkdir(dirname(path), { recursive: true });
    await settleLeftovers(path);
    await write(sibling);
    await flush(dirname(path));
  } catch (error) {
    await rm(sibling, { recursive: true, force: true }).catch(() => undefined);
    throw fileErrorOf(error, path, true);
  }
}

const PART = '.part';
const FORMER = '.former';
/** Tells this program from an earlier one of the same process number, as in a container that was started again. */
const PROGRAM = `${process.pid}-${randomBytes(4).toString('hex')}`;
let siblings = 0;

function hiddenSibling(path: string, ending: typeof PART | typeof FORMER): string {
  return join(dirname(path), `.${basename(path)}.${PROGRAM}-${++siblings}${ending}`);
}

function isLeftover(name: string, of: string): boolean {
  if (!name.startsWith(`.${of}.`)) return false;
  const [, program = '', pid = ''] = /^((\d+)-[0-9a-f]{8})-\d+\.(?:part|former)$/.exec(name.slice(of.length + 2)) ?? [];
  return pid !== '' && program !== PROGRAM && (Number(pid) === process.pid || !isRunning(Number(pid)));
}

/** @throws WRITE_FAILED when something stands at the path that `writeFolderAtomic` would not replace */
export async function assertReplaceable(path: string, marks: readonly string[]): Promise<void> {
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
