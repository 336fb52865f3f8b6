import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { settleLeftovers, writeFileAtomic, writeFolderAtomic } from './write-atomic.ts';

test('writes a file with its folders, replaces it, and leaves nothing beside it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'deep/er/file.txt');
  await writeFileAtomic(path, 'one');
  await writeFileAtomic(path, new TextEncoder().encode('two'), { mode: 0o600 });
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder.path, 'deep/er'))).toEqual(['file.txt']);
});

test('replaces a folder at once', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'bundle');
  await writeFolderAtomic(path, { fill: (inside) => writeFile(join(inside, 'old'), ''), replaceIfHolding: ['old'] });
  await writeFolderAtomic(path, { fill: (inside) => writeFile(join(inside, 'new'), ''), replaceIfHolding: ['old'] });
  expect(await readdir(path)).toEqual(['new']);
  expect(await readdir(folder.path)).toEqual(['bundle']);
});

test('keeps the former folder and removes what is half written when filling fails', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'bundle');
  await writeFolderAtomic(path, { fill: (inside) => writeFile(join(inside, 'old'), ''), replaceIfHolding: ['old'] });
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  const fill = async (inside: string) => {
    await writeFile(join(inside, 'half'), '');
    throw full;
  };
  const failing = writeFolderAtomic(path, { fill, replaceIfHolding: ['old'] });
  await expect(failing).rejects.toThrow(`DISK_FULL: no room left on the disk (${path})`);
  expect(await readdir(path)).toEqual(['old']);
  expect(await readdir(folder.path)).toEqual(['bundle']);
});

test('leaves a folder alone that holds something else', async () => {
  using folder = temporaryFolder();
  await writeFile(join(folder.path, 'thesis.tex'), '');
  const writing = writeFolderAtomic(folder.path, { fill: async () => {}, replaceIfHolding: ['manifest.json'] });
  await expect(writing).rejects.toThrow('WRITE_FAILED: a folder with other things in it is in the way');
  expect(await readdir(folder.path)).toEqual(['thesis.tex']);
});

test('says so when a file stands where the folder should be', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'taken');
  await writeFile(path, '');
  await expect(writeFolderAtomic(path, { fill: async () => {}, replaceIfHolding: [] })).rejects.toThrow(
    'WRITE_FAILED: a file stands where the folder',
  );
  await expect(writeFileAtomic(join(path, 'below'), '')).rejects.toThrow(/FILE_NOT_FOUND|WRITE_FAILED/);
});

test('says so when the folder may not be written', async () => {
  using folder = temporaryFolder();
  const locked = join(folder.path, 'locked');
  await mkdir(locked);
  await chmod(locked, 0o500);
  // Permissions do not hold root back; the kernel's own folder does.
  const refusing = process.getuid?.() === 0 ? '/sys' : locked;
  await expect(writeFileAtomic(join(refusing, 'file'), '')).rejects.toThrow('WRITE_FAILED: permission denied');
});

test.skipIf(process.platform !== 'linux')('reports a full disk as one', async () => {
  await expect(writeFile('/dev/full', 'x')).rejects.toMatchObject({ code: 'ENOSPC' });
});

const DEAD = '4194304-00000000-1';
const OTHER_RUNNING = '1-00000000-1';

test('removes what a killed program left, of this file only, and not what a running one writes', async () => {
  using folder = temporaryFolder();
  const kept = [`.file.txt.${OTHER_RUNNING}.part`, `.other.txt.${DEAD}.part`, '.file.txt.part', '.file.txt.swp'];
  const left = [`.file.txt.${DEAD}.part`, `.file.txt.${process.pid}-00000000-1.part`];
  for (const name of [...kept, ...left]) await writeFile(join(folder.path, name), 'half');
  await writeFileAtomic(join(folder.path, 'file.txt'), 'whole');
  expect((await readdir(folder.path)).toSorted()).toEqual([...kept, 'file.txt'].toSorted());
});

test('puts the former folder back when the program was killed between moving it away and replacing it', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'bundle');
  await mkdir(join(folder.path, `.bundle.${DEAD}.former/configs`), { recursive: true });
  await mkdir(join(folder.path, `.bundle.${DEAD}.part`));
  await settleLeftovers(path);
  expect(await readdir(folder.path)).toEqual(['bundle']);
  expect(await readdir(path)).toEqual(['configs']);
});
