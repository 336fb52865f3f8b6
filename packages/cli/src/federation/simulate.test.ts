import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random, writeSafetensors } from '@vesalius/engine';
import { compressionNamed } from '@vesalius/federated';
import { shareOut } from '@vesalius/medical';
import { afterAll, expect, test } from 'vitest';
import { COMMANDS } from '../commands/commands.ts';
import { runCommandLine } from '../run-command-line.ts';
import type { AttackReport } from './attack.ts';
import type { SimulatedRound } from './simulate.ts';

const SIDE = 10;
const folder = mkdtempSync(join(tmpdir(), 'vesalius-federate-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of class 1 are the brighter images. */
function dataOf(count: number, seed: number) {
  const random = new Random(seed);
  const labels = Uint8Array.from({ length: count }, (_, n) => n % 2);
  const images = Float32Array.from({ length: count * SIDE * SIDE }, (_, i) => {
    const n = Math.floor(i / (SIDE * SIDE));
    const inside = i % SIDE > 2 && i % SIDE < 6;
    return random.normal() + (labels[n] ?? 0) * (inside ? 2 : 0);
  });
  return { images, labels };
}

const file = join(folder, 'images.safetensors');
const all = dataOf(120, 1);
writeFileSync(
  file,
  writeSafetensors(
    new Map([
      ['images', { shape: [120, SIDE, SIDE], dtype: 'float32', data: all.images }],
      ['labels', { shape: [120], dtype: 'uint8', data: all.labels }],
    ]),
  ),
);

async function run(...args: string[]) {
  const written = { out: '', error: '' };
  const status = await runCommandLine(COMMANDS, ['federate', ...args], {
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.error += text) },
    signal: new AbortController().signal,
    cwd: folder,
  });
  const lines = written.out.split('\n').filter((line) => line.startsWith('{'));
  return { status, ...written, rounds: lines.map((line) => JSON.parse(line) as SimulatedRound) };
}

const small = ['--sites', '3', '--rounds', '3', '--local-steps', '6', '--batch', '8', '--threads', '1', '--json'];

test('sites learn together, with few bytes up', async () => {
  const { status, rounds, error } = await run('simulate', file, ...small, '--up', 'largest:0.05', '--down', '8-bit');
  expect(error).toBe('');
  expect(status).toBe(0);
  expect(rounds.map(({ round }) => round)).toEqual([1, 2, 3]);
  expect(rounds.at(-1)?.auc).toBeGreaterThan(rounds[0]?.auc === 1 ? 0.9 : 0.6);
  expect(rounds[2]?.bytesUp).toBeLessThan(0.3 * (rounds[2]?.bytesDown ?? 0));
});

test('private sites say what they spent, and no more than was granted', async () => {
  const { rounds } = await run('simulate', file, ...small, '--epsilon', '2', '--clip-norm', '0.5');
  expect(rounds.at(-1)?.epsilon).toBeLessThanOrEqual(2);
  expect(rounds.at(-1)?.epsilon).toBeGreaterThan(1.8);
  expect(rounds[0]?.epsilon).toBeLessThan(rounds.at(-1)?.epsilon ?? 0);
});

test('a site attacks itself: private training shows neither who was there nor what was seen', async () => {
  const options = ['--rounds', '2', '--local-steps', '10', '--batch', '8', '--threads', '1', '--json'];
  const { out, error } = await run('attack', file, ...options, '--epsilon', '1', '--clip-norm', '0.5');
  expect(error).toBe('');
  const report = JSON.parse(out) as AttackReport;
  expect(report.membershipAuc).toBeLessThan(0.7);
  expect(Math.abs(report.inversionCorrelation)).toBeLessThan(0.5);
  expect(report.epsilon).toBe(1);
}, 60_000);

test('what cannot be simulated is said', async () => {
  expect((await run('merge', file)).error).toMatch(/action.*got merge.*expected simulate/);
  expect((await run('simulate', join(folder, 'none.npz'))).error).toMatch(/FILE_NOT_FOUND/);
  expect(() => compressionNamed('largest:2')).toThrow(/compression.*largest:2/);
  expect(compressionNamed('low-rank:0.1')).toEqual({ method: 'low-rank', share: 0.1 });
});

test('every image goes to one site, and a small alpha makes sites unlike', () => {
  const even = shareOut(all, { sites: 4, alpha: 1000, shift: 0, seed: 2 });
  const uneven = shareOut(all, { sites: 4, alpha: 0.2, shift: 0, seed: 2 });
  const sizes = (shares: typeof even): number[] => shares.map(({ labels }) => labels.length);
  for (const shares of [even, uneven]) expect(sizes(shares).reduce((sum, n) => sum + n, 0)).toBe(120);
  expect(Math.max(...sizes(even)) - Math.min(...sizes(even))).toBeLessThan(15);
  expect(Math.max(...sizes(uneven)) - Math.min(...sizes(uneven))).toBeGreaterThan(25);
});
