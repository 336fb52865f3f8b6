import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from './object-store.ts';
import { openFileObjects } from './open-file-objects.ts';
import { openS3Objects, type S3Place } from './open-s3-objects.ts';
import { HAS_S3_SERVER, type S3UnderTest, startS3 } from './s3-under-test.ts';

describe('as files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vesalius-objects-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  objectStoreContract(() => openFileObjects(folder), [3, 9 << 20]);

  test('no key leads out of the folder', async () => {
    const objects = await openFileObjects(folder);
    await expect(objects.read('../outside')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe.skipIf(!HAS_S3_SERVER)('in a bucket', () => {
  let server: S3UnderTest | undefined;
  let place: S3Place;
  beforeAll(async () => {
    server = await startS3();
    place = await server.createBucket();
  }, 30_000);
  afterAll(() => server?.stop());
  // The server of the tests cannot abort an upload in parts, so a large one is not discarded here.
  objectStoreContract(() => openS3Objects(place), [3]);
});

/** What every object store must do. */
function objectStoreContract(open: () => Promise<ObjectStore>, discarded: readonly number[]): void {
  let objects: ObjectStore;
  beforeEach(async () => {
    objects = await open();
  });
  afterEach(() => objects.close());
  const keysOf = (prefix: string): Promise<string[]> => Array.fromAsync(objects.keys(prefix));
  const put = async (key: string, ...pieces: readonly Uint8Array[]): Promise<void> => {
    const pending = await objects.begin();
    for (const piece of pieces) await pending.write(piece);
    await pending.commit(key);
    await pending.discard();
  };

  test('shows an object whole, once it has its key', async () => {
    const pending = await objects.begin();
    await pending.write(Buffer.from('bytes'));
    expect(await keysOf('a/')).toEqual([]);
    await pending.commit('a/b');
    await pending.discard();
    expect(await keysOf('a/')).toEqual(['a/b']);
    expect(await objects.size('a/b')).toBe(5);
    expect(String(await objects.read('a/b', { start: 1, end: 3 }))).toBe('yt');
    expect(String(await objects.read('a/b', { start: 3, end: 99 }))).toBe('es');
    expect(await objects.read('a/b', { start: 9, end: 12 })).toHaveLength(0);
    expect(String(Buffer.concat(await Array.fromAsync(objects.stream('a/b'))))).toBe('bytes');
  });

  test('leaves nothing of what is discarded', async () => {
    for (const size of discarded) {
      const pending = await objects.begin();
      await pending.write(randomBytes(size));
      await pending.discard();
      await pending.discard();
    }
    expect(await keysOf('c/')).toEqual([]);
  });

  test('keeps large objects that come in pieces, and empty ones', async () => {
    const pieces = [7 << 20, 1, (9 << 20) + 5, 123].map((size) => randomBytes(size));
    await put('d/large', ...pieces);
    await put('d/empty');
    expect(Buffer.concat(pieces).equals(await objects.read('d/large'))).toBe(true);
    expect(await objects.size('d/empty')).toBe(0);
    expect(await keysOf('incoming/')).toEqual([]);
  });

  test('says what is not there, and removes twice', async () => {
    await put('e/f', Buffer.from('x'));
    await objects.remove('e/f');
    await objects.remove('e/f');
    const missing = { code: 'FILE_NOT_FOUND' };
    await expect(objects.size('e/f')).rejects.toMatchObject(missing);
    await expect(objects.read('e/f')).rejects.toMatchObject(missing);
    await expect(Array.fromAsync(objects.stream('e/f'))).rejects.toMatchObject(missing);
  });
}
