import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import Sqlite from 'better-sqlite3';

/** Who works on a data folder; stands in its `server.json` for other programs on this machine. */
export interface FolderHolder {
  readonly pid: number;
  readonly machine: string;
  readonly since: string;
  /** Where it answers, when it does. */
  readonly url?: string;
}

export interface FolderLock {
  /** Tells others where this program answers. */
  announce(url: string): void;
  release(): void;
}

/**
 * Takes a data folder for this program alone. The lock is the operating system's own, on a file of its own, so that it ends with the
 * program however that ends.
 *
 * @throws WRITE_FAILED with who holds it
 */
export function lockFolder(folder: string): FolderLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new Sqlite(join(folder, 'lock.sqlite'), { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw inUse(folder, cause);
  }
  const file = join(folder, 'server.json');
  const holder: FolderHolder = { pid: process.pid, machine: hostname(), since: new Date().toISOString() };
  const write = (more: Partial<FolderHolder>) => writeFileSync(file, JSON.stringify({ ...holder, ...more }));
  write({});
  return {
    announce: (url) => write({ url }),
    release: () => {
      rmSync(file, { force: true });
      lock.close();
    },
  };
}

/** Who works on a data folder, as far as it said so; also one that was killed may stand there. */
export function folderHolder(folder: string): FolderHolder | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'server.json'), 'utf8')) as FolderHolder;
  } catch {
    return;
  }
}

function inUse(folder: string, cause: unknown): VesaliusError {
  const holder = folderHolder(folder);
  const { pid, machine, since, url = 'no address yet' } = holder ?? {};
  return new VesaliusError('WRITE_FAILED', {
    what: 'another server works on this data folder',
    got:
      holder === undefined ? 'one that did not say who it is' : `process ${pid} on ${machine} since ${since}, ${url}`,
    file: folder,
    cause,
  });
}
