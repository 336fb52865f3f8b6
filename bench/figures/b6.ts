import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@vesalius/engine';
import { storedUntilFull } from '../../tests/archive-kill/full-disk.ts';
import { emptyLedger, killAndLook, tokenOf } from '../../tests/archive-kill/kill-archive.ts';
import { storedTogether } from '../../tests/archive-kill/two-clients.ts';
import type { FigureOptions, Measure } from '../figure-result.ts';

/** A new folder now and then: what grows makes every look slower. */
const KILLS_A_FOLDER = 10;

/** kill -9 of the real server at random moments of STOW, C-STORE and removal; a full disk; two clients with one instance. */
export const measure: Measure = async ({ quick, log }) => {
  const kills = await killAll(quick ? 5 : 50, { quick, log });
  const [full, together] = [await storedUntilFull(), await storedTogether()];
  log(`full disk: ${full.stored} stored, then refused with ${full.status}, ${full.lost} lost`);
  return {
    figure: {
      ...kills,
      fullDiskStored: full.stored,
      fullDiskLost: full.lost,
      fullDiskStatus: full.status,
      sameInstanceStored: together.stored,
      sameInstancePresent: together.present,
      otherBytesRefused: together.refused,
      lost: kills.lost + full.lost,
    },
    peer: {},
  };
};

async function killAll(count: number, { log }: FigureOptions) {
  const random = new Random(Date.now());
  const sums = { kills: 0, acknowledged: 0, lost: 0, halfThere: 0, findings: 0 };
  while (sums.kills < count) {
    const folder = mkdtempSync(join(tmpdir(), 'vesalius-b6-'));
    try {
      const token = await tokenOf(folder);
      const ledger = emptyLedger();
      for (let i = 0; i < KILLS_A_FOLDER && sums.kills < count; i++) {
        const afterMs = Math.round(random.uniform(20, 1500));
        const run = await killAndLook(folder, ledger, { token, afterMs });
        sums.kills++;
        sums.acknowledged += Math.max(0, run.acknowledged);
        for (const kind of ['lost', 'halfThere', 'findings'] as const) {
          sums[kind] += run[kind].length;
          for (const what of run[kind]) log(`${kind}: ${what}`);
        }
        log(
          `kill ${sums.kills} after ${afterMs} ms of load: ${ledger.acknowledged.size} instances acknowledged and there`,
        );
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return sums;
}
