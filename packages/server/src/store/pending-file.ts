import { closeSync, existsSync, fdatasync, fsync, openSync, renameSync, rmSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { writing } from './file-errors.ts';
import type { PendingObject } from './object-store.ts';

interface PendingFileOptions {
  readonly path: string;
  /** Where a key's file goes; its folder is there and would survive. */
  place(key: string): Promise<string>;
}

/** Longer pieces are left to a thread. */
const SHORT = 1 << 18;

const [flushData, flushAll, writeByThread] = [promisify(fdatasync), promisify(fsync), promisify(write)];

/**
 * A file on its way in. Opening, naming and short writes end in memory, and to hand each to a thread takes longer than to do it; what
 * waits for the disk is done by threads.
 */
export class PendingFile implements PendingObject {
  readonly #options: PendingFileOptions;
  readonly #file: number;
  #state: 'open' | 'named' | 'closed' = 'open';

  constructor(options: PendingFileOptions) {
    this.#options = options;
    this.#file = openSync(options.path, 'wx');
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writing(async () => {
      for (let at = 0; at < bytes.length; ) {
        const piece = bytes.subarray(at);
        at +=
          piece.length <= SHORT ? writeSync(this.#file, piece) : (await writeByThread(this.#file, piece)).bytesWritten;
      }
    });
  }

  async commit(key: string): Promise<void> {
    const { path, place } = this.#options;
    await writing(async () => {
      const target = await place(key);
      // What may be lost never takes the place of what is safe.
      if (existsSync(target)) await flushData(this.#file);
      renameSync(path, target);
      this.#state = 'named';
      // The name and the bytes: nothing was answered before both are safe, so that their order does not matter.
      await Promise.all([flushData(this.#file), flushFolder(dirname(target))]);
      this.#close();
    });
  }

  async discard(): Promise<void> {
    if (this.#state === 'open') rmSync(this.#options.path, { force: true });
    this.#close();
  }

  #close(): void {
    if (this.#state !== 'closed') closeSync(this.#file);
    this.#state = 'closed';
  }
}

/** A new name survives the loss of power when its folder is flushed: fsync(2). */
export async function flushFolder(path: string): Promise<void> {
  const folder = openSync(path, 'r');
  try {
    await flushAll(folder);
  } finally {
    closeSync(folder);
  }
}
