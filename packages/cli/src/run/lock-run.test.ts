import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { lockRun } from './lock-run.ts';

test('a second training at the same place is refused while the first runs', async () => {
  using folder = temporaryFolder();
  const other = spawn('sleep', ['20']);
  try {
    writeFileSync(join(folder.path, 'lock'), String(other.pid));
    await expect(lockRun(folder.path)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
  } finally {
    other.kill('SIGKILL');
  }
});

test('what a killed training left behind holds nothing up', async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'lock'), '999999999');
  const giveBack = await lockRun(folder.path);
  await giveBack();
  await (await lockRun(folder.path))();
});
