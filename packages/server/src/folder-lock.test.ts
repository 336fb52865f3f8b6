import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderHolder, lockFolder } from './folder-lock.ts';

test('a folder is held once; who wants it too is told by whom; afterwards it is free', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'vesalius-lock-')), 'new');
  const lock = lockFolder(folder);
  lock.announce('http://127.0.0.1:1');
  expect(() => lockFolder(folder)).toThrow(`process ${process.pid}`);
  expect(() => lockFolder(folder)).toThrow('http://127.0.0.1:1');
  expect(folderHolder(folder)).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:1' });
  lock.release();
  expect(folderHolder(folder)).toBeUndefined();
  lockFolder(folder).release();
});
