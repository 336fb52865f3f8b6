import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ERROR_CODES } from '@vesalius/errors';
import { ROOT } from '../../tools/root.ts';
import type { FigureOptions, FigureResult } from '../figure-result.ts';
import { dataFolder } from './data-folder.ts';

const TOO_FEW_STEPS = 10;

/** The short training that CI holds to its recorded Dice, and one that is too short and must be refused. */
export async function measure({ log }: FigureOptions): Promise<FigureResult> {
  const recorded = JSON.parse(readFileSync(join(ROOT, 'tests/gate/hippocampus.json'), 'utf8')) as {
    steps: number;
    low: number;
  };
  log(`training ${recorded.steps} steps`);
  const started = performance.now();
  const passing = train(recorded.steps, recorded.low);
  const minutes = (performance.now() - started) / 60_000;
  log(`training ${TOO_FEW_STEPS} steps, too few`);
  const failing = train(TOO_FEW_STEPS, recorded.low);
  return {
    figure: {
      minutes,
      gatePassed: passing.status === 0 ? 1 : 0,
      belowRefused: failing.status === ERROR_CODES.GATE_FAILED.exitStatus ? 1 : 0,
      dice: passing.dice,
      low: recorded.low,
    },
    peer: {},
  };
}

function train(steps: number, gate: number): { status: number | null; dice: number } {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-a9-'));
  const options = [
    '--data',
    join(dataFolder(), 'hippocampus'),
    '--out',
    join(folder, 'bundle'),
    '--steps',
    String(steps),
    '--gate',
    String(gate),
    '--json',
  ];
  const command = [join(ROOT, 'packages/cli/bin/vesalius.js'), 'train', 'hippocampus', ...options];
  const { status, stdout } = spawnSync(process.execPath, command, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  rmSync(folder, { recursive: true });
  const { dice = Number.NaN } = JSON.parse(stdout.trim().split('\n').at(-1) || '{}') as { dice?: number };
  return { status, dice };
}
