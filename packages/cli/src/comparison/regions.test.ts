import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generatePhantom } from '@vesalius/medical';
import { writeVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { COMMANDS } from '../commands/commands.ts';
import { runCommandLine } from '../run-command-line.ts';
import { collectedOutput } from '../testing/collected-output.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

async function vesalius(cwd: string, ...line: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [collectedOutput(), collectedOutput()];
  const { signal } = new AbortController();
  const status = await runCommandLine(COMMANDS, line, { stdout, stderr, signal, cwd });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** Two modalities of made-up heads, a folder a patient. */
async function writePatients(folder: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { image, label } = generatePhantom(n, { size: [24, 24, 24], spacingMm: [6, 6, 6] });
    const other = { ...image, voxels: image.voxels.map((value) => 400 - value) };
    mkdirSync(join(folder, `p${n}`), { recursive: true });
    for (const [name, volume] of Object.entries({ t1: image, t2: other, seg: label }))
      writeFileSync(join(folder, `p${n}`, `${name}.nii`), await writeVolume(volume, 'x.nii'));
  }
}

const SMALL = {
  'patchShape.value': [16, 16, 16],
  'inferer.value.roiShape': [16, 16, 16],
  'batchSize.value': 1,
};

test('recipes with some channels, and every set of channels where they may be missing', {
  timeout: 180_000,
}, async () => {
  using folder = temporaryFolder();
  await writePatients(join(folder.path, 'data'), 3);
  const comparison = {
    format: 'vesalius-comparison/1',
    name: 'regions',
    split: { validation: 'last:1' },
    seeds: [0],
    steps: 3,
    threads: 1,
    plan: SMALL,
    regions: { head: [1, 2, 3], inner: [2] },
    subsets: true,
    recipes: [
      { name: 'hidden', plan: { 'augmentation.value.channelDropout': true } },
      { name: 't2', channels: ['T2'] },
    ],
  };
  const file = join(folder.path, 'c.json');
  writeFileSync(file, JSON.stringify(comparison));
  const line = ['compare', 'c.json', '--data', 'data', '--out', 'out', '--json'];
  const asked = await vesalius(folder.path, ...line);
  expect(asked).toMatchObject({ status: 0 });
  const { regions } = JSON.parse(asked.stdout.trim().split('\n').at(-1) ?? '');
  expect(regions.map(({ recipe, given }: { recipe: string; given: string }) => `${recipe} ${given}`)).toEqual([
    'hidden t1',
    'hidden t2',
    'hidden t1+t2',
    't2 t2',
  ]);
  const rows = readFileSync(join(folder.path, 'out/regions.csv'), 'utf8').trimEnd().split('\n');
  expect(rows[0]).toBe('recipe,seed,fold,case,given,head,inner');
  expect(rows).toHaveLength(5);
  const bundle = join(folder.path, 'out/runs/t2-s0-f0.bundle/manifest.json');
  expect(JSON.parse(readFileSync(bundle, 'utf8')).channels).toEqual([{ name: 't2' }]);
  // What was measured stands beside the bundle and is not measured again.
  const kept = join(folder.path, 'out/runs/t2-s0-f0.bundle.regions.csv');
  writeFileSync(kept, readFileSync(kept, 'utf8').replace(/t2,[\d.]+,[\d.]+/, 't2,0.5,0.25'));
  await vesalius(folder.path, ...line);
  expect(readFileSync(join(folder.path, 'out/regions.csv'), 'utf8')).toContain('t2,0.500000,0.250000');
  expect(readFileSync(join(folder.path, 'out/table.md'), 'utf8')).toContain('| t2 | t2 | 0.5000 | 0.2500 | 0.3750 |');
  writeFileSync(file, JSON.stringify({ ...comparison, recipes: [{ name: 'x', channels: ['pd'] }] }));
  expect(await vesalius(folder.path, ...line)).toMatchObject({ stderr: expect.stringContaining('some of t1, t2') });
  writeFileSync(file, JSON.stringify({ ...comparison, regions: undefined }));
  expect(await vesalius(folder.path, ...line)).toMatchObject({ stderr: expect.stringContaining('true with regions') });
});
