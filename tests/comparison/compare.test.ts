import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeTinyData } from '../program/tiny-data.ts';
import { runVesalius } from '../program/vesalius.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-compare-'));
const SMALL = { 'patchShape.value': [8, 8, 8], 'inferer.value.roiShape': [8, 8, 8], 'batchSize.value': 1 };
const COMPARISON = {
  format: 'vesalius-comparison/1',
  name: 'balls',
  data: 'data',
  split: { folds: 2 },
  seeds: [0],
  steps: 2,
  plan: SMALL,
  recipes: [
    { name: 'U-Net', network: 'unet', plan: { 'network.value.channels': [4, 4, 8] } },
    { name: 'TransUNet++', network: 'trans-unet-plus-plus', steps: 3 },
  ],
};

const write = (name: string, changes: object): void =>
  writeFileSync(join(folder, name), JSON.stringify({ ...COMPARISON, ...changes }));
const compare = (file: string) => runVesalius(['compare', file], { cwd: folder });
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

beforeAll(() => writeTinyData(join(folder, 'data')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('trains every recipe on every part, holds them against the first, and does nothing twice', async () => {
  write('compare.json', {});
  const first = await compare('compare.json');
  expect(first.status, first.stderr).toBe(0);
  const out = join(folder, 'balls.comparison');
  const rows = readFileSync(join(out, 'cases.csv'), 'utf8').trimEnd().split('\n');
  expect(rows[0]).toBe('recipe,seed,fold,case,dice,iou,hd95,surfaceDice');
  expect(rows.slice(1).map((row) => row.split(',').slice(0, 4).join(' '))).toEqual(
    [0, 1].flatMap((fold) =>
      ['U-Net', 'TransUNet++'].flatMap((name) => [0, 1].map(() => expect.stringContaining(`${name} 0 ${fold} case`))),
    ),
  );
  const table = readFileSync(join(out, 'table.md'), 'utf8');
  expect(table).toMatch(
    /\| TransUNet\+\+ \| 0\.\d+ \(0\.\d+ to 0\.\d+\) \| -?0\.\d+ \(.*\), p \d\.\d+ \|.*\| 3 \| \d+ \|/,
  );
  expect(table).toContain('4 cases, 1 seeds');
  expect(readFileSync(join(out, 'dice.svg'), 'utf8')).toContain('U-Net: 0.');
  const bundle = join(out, 'runs/U-Net-s0-f0.bundle/manifest.json');
  const made = statSync(bundle).mtimeMs;
  expect((await compare('compare.json')).stdout).toBe(first.stdout);
  expect(statSync(bundle).mtimeMs).toBe(made);
}, 300_000);

test('the parts of a cross-validation answer as one bundle', async () => {
  const parts = [0, 1].map((fold) => `balls.comparison/runs/U-Net-s0-f${fold}.bundle`);
  const made = await runVesalius(['ensemble', ...parts, '--out', 'both.bundle'], { cwd: folder });
  expect(made.status, made.stderr).toBe(0);
  const measured = await runVesalius(['evaluate', 'both.bundle', 'data', '--json'], { cwd: folder });
  expect(JSON.parse(measured.stdout)).toMatchObject({
    cases: 4,
    metrics: expect.arrayContaining([expect.objectContaining({ name: 'dice', cases: 4 })]),
  });
  const manifest = JSON.parse(readFileSync(join(folder, 'both.bundle/manifest.json'), 'utf8'));
  expect(manifest.split).toMatchObject({ training: { length: 4 }, validation: [] });
  expect(manifest.metrics[0]).toMatchObject({ name: 'dice', cases: 4 });
  const other = ['ensemble', parts[0] ?? '', '--out', 'one.bundle'];
  expect(lastLine((await runVesalius(other, { cwd: folder })).stderr)).toMatch(/^INVALID_ARGUMENT: members/);
}, 180_000);

test('a nested network loses its last branches and still answers', async () => {
  const nested = 'balls.comparison/runs/TransUNet++-s0-f0.bundle';
  const made = await runVesalius(['prune', nested, '--branches', '1', '--json'], { cwd: folder });
  const { parameters } = JSON.parse(made.stdout);
  const whole = JSON.parse((await runVesalius(['inspect', nested, '--json'], { cwd: folder })).stdout);
  expect(parameters).toBeLessThan(whole.parameters);
  const measured = await runVesalius(['evaluate', 'pruned.bundle', 'data', '--json'], { cwd: folder });
  expect(JSON.parse(measured.stdout)).toMatchObject({ cases: 4 });
  const flat = ['prune', 'balls.comparison/runs/U-Net-s0-f0.bundle'];
  expect(lastLine((await runVesalius(flat, { cwd: folder })).stderr)).toMatch(
    /^FILE_UNSUPPORTED: network to prune, got UNet/,
  );
}, 180_000);

test('refuses bundles of another comparison, plans without the path, and files that are none', async () => {
  write('more.json', { steps: 4 });
  expect(lastLine((await compare('more.json')).stderr)).toMatch(
    /^CHECKPOINT_MISMATCH: bundle, got one of another plan/,
  );
  write('path.json', { name: 'path', plan: { 'patchSize.value': [8, 8, 8] } });
  expect(lastLine((await compare('path.json')).stderr)).toMatch(
    /^INVALID_ARGUMENT: path in the plan, got patchSize.value/,
  );
  for (const [field, value] of Object.entries({
    seeds: [],
    split: {},
    recipes: [{ name: 'a' }, { name: 'a' }],
    steps: 0,
  })) {
    write('wrong.json', { [field]: value });
    expect(lastLine((await compare('wrong.json')).stderr)).toMatch(new RegExp(`^FILE_FORMAT: comparison, ${field}`));
  }
}, 180_000);
