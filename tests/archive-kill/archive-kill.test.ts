import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { killServers } from '../server/started-server.ts';
import { emptyLedger, killAndLook, tokenOf } from './kill-archive.ts';

let folder = '';

afterEach(async () => {
  killServers();
  await rm(folder, { recursive: true, force: true });
});

test('a server that is killed while it stores and removes has all it acknowledged, and nothing by halves', async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-kill-'));
  const token = await tokenOf(folder);
  const ledger = emptyLedger();
  for (const afterMs of [350, 900]) {
    const run = await killAndLook(folder, ledger, { token, afterMs });
    expect(run).toMatchObject({ lost: [], halfThere: [], findings: [] });
  }
  expect(ledger.acknowledged.size).toBeGreaterThan(20);
});
