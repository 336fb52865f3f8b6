import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { beginDrafts, killDuringSaves } from '../annotation-faults/kill-saves.ts';
import { killServers } from './started-server.ts';

let folder = '';

afterEach(async () => {
  killServers();
  await rm(folder, { recursive: true, force: true });
});

test('a server that is killed while it saves has the last drafts that it acknowledged, whole, and nothing else', async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-draft-'));
  const drafts = await beginDrafts(folder);
  let saves = 0;
  for (const afterMs of [300, 700]) {
    const run = await killDuringSaves(drafts, afterMs);
    expect(run).toMatchObject({ lost: [], halfSaved: [], leftovers: 0 });
    saves += run.saves;
  }
  expect(saves).toBeGreaterThan(0);
}, 90_000);
