import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ObjectStore } from '../store/object-store.ts';

const compress = promisify(gzip);
const PREFIX = 'annotations/';
const FAST = { level: 1 };

/** Label maps as objects, gzip; each save has an object of its own, so that the last one stays whole until the next one is acknowledged. */
export interface MaskStore {
  /** Answers with its key when it would survive the loss of power. */
  write(annotation: string, gzip: Uint8Array): Promise<string>;
  pack(mask: Uint8Array): Promise<Uint8Array>;
  /** As they lie there: gzip. @throws FILE_NOT_FOUND */
  read(key: string): Promise<Uint8Array>;
  remove(key: string): Promise<void>;
  /** Removes what no annotation needs, such as a save leaves that ended before its row was written. */
  sweep(isNeeded: (keys: readonly string[]) => Promise<ReadonlySet<string>>, olderThanMs: number): Promise<void>;
}

export function createMaskStore(objects: ObjectStore): MaskStore {
  const pack = (mask: Uint8Array): Promise<Uint8Array> => compress(mask, FAST);
  return {
    pack,
    write: async (annotation, bytes) => {
      const key = `${PREFIX}${annotation}/${Date.now()}-${randomUUID()}`;
      const pending = await objects.begin();
      try {
        await pending.write(bytes);
        await pending.commit(key);
      } finally {
        await pending.discard();
      }
      return key;
    },
    read: (key) => objects.read(key),
    remove: (key) => objects.remove(key),
    sweep: async (isNeeded, olderThanMs) => {
      const before = Date.now() - olderThanMs;
      let page: string[] = [];
      const removePage = async () => {
        const needed = await isNeeded(page);
        for (const key of page) if (!needed.has(key)) await objects.remove(key);
        page = [];
      };
      for await (const key of objects.keys(PREFIX)) {
        if (timeOf(key) > before) continue;
        page.push(key);
        if (page.length === PAGE) await removePage();
      }
      if (page.length > 0) await removePage();
    },
  };
}

const PAGE = 500;

function timeOf(key: string): number {
  return Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10);
}
