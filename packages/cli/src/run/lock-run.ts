import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorOf, isRunning } from '@vesalius/bundle/files';
import { VesaliusError } from '@vesalius/errors';

/**
 * Takes a run folder for this program: two trainings at one place would write each other's checkpoints over. What a killed program left
 * behind holds nothing up.
 *
 * @returns gives it back
 * @throws WRITE_FAILED when a program that still runs has it
 */
export async function lockRun(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw fileErrorOf(error, folder, true);
  });
  while (!(await taken(path))) {
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    if (holder > 0 && holder !== process.pid && isRunning(holder))
      throw new VesaliusError('WRITE_FAILED', {
        what: 'another training runs here',
        got: `process ${holder}`,
        expected: 'its end, or another --out',
        file: folder,
      });
    await rm(path, { force: true });
  }
  return () => rm(path, { force: true });
}

async function taken(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    await rm(path, { force: true });
    throw fileErrorOf(error, path, true);
  }
}
