import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

/** What the same short training reached over seeds; `low` is their mean less three standard deviations. */
interface RecordedGate {
  readonly steps: number;
  readonly seeds: readonly number[];
  readonly dice: readonly number[];
  readonly low: number;
}

const recorded = JSON.parse(readFileSync(new URL('./hippocampus.json', import.meta.url), 'utf8')) as RecordedGate;
const command = new URL('../../packages/cli/bin/vesalius.js', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'vesalius-gate-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(!process.env['VESALIUS_DATA'])('a short hippocampus training reaches its recorded Dice', () => {
  const data = join(process.env['VESALIUS_DATA'] ?? '', 'hippocampus');
  const bundle = join(folder, 'bundle');
  const options = [
    '--data',
    data,
    '--out',
    bundle,
    '--steps',
    String(recorded.steps),
    '--gate',
    String(recorded.low),
    '--json',
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, [command, 'train', 'hippocampus', ...options], {
    encoding: 'utf8',
  });
  expect(status, stderr.slice(-500)).toBe(0);
  const { dice, cases } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { dice: number; cases: number };
  expect(cases).toBe(30);
  expect(dice).toBeGreaterThanOrEqual(recorded.low);
});
