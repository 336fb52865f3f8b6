import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ops as $, createNetworkBuilder, encodePng, initialValues, Random, writeSafetensors } from '@vesalius/engine';
import { visionTransformer } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { COMMANDS } from '../commands/commands.ts';
import { runCommandLine } from '../run-command-line.ts';
import { collectedOutput } from '../testing/collected-output.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { readClassificationData } from './classification-data.ts';
import { fileActivations } from './file-activations.ts';

const SIDE = 16;

async function vesalius(cwd: string, ...line: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [collectedOutput(), collectedOutput()];
  const { signal } = new AbortController();
  const status = await runCommandLine(COMMANDS, line, { stdout, stderr, signal, cwd });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** Dark pictures and bright ones, two of each patient. */
async function writePictures(folder: string, count: number, seed: number): Promise<void> {
  const random = new Random(seed);
  for (let n = 0; n < count; n++) {
    const bright = n % 4 > 1;
    const data = Uint8Array.from({ length: SIDE * SIDE }, () => (bright ? 130 : 90) + random.integer(60));
    const place = join(folder, bright ? 'bright' : 'dark');
    mkdirSync(place, { recursive: true });
    const file = join(place, `person${seed}x${Math.floor(n / 2)}_${n}.png`);
    writeFileSync(file, await encodePng({ width: SIDE, height: SIDE, channels: 1, data }));
  }
}

async function importTiny(folder: string): Promise<void> {
  const { scope, variables } = createNetworkBuilder();
  const sizes = { patchSize: 8, hiddenSize: 64, mlpDim: 64, depth: 3, numHeads: 1 };
  visionTransformer(scope, $.input('x', [1, 3, 16, 16]), sizes);
  const tensors = [...initialValues(variables(), 1)].map(
    ([name, { shape, data }]) => [name, { dtype: 'float32', shape, data: data as Float32Array<ArrayBuffer> }] as const,
  );
  writeFileSync(join(folder, 'tiny.safetensors'), writeSafetensors(new Map(tensors)));
  const line = ['weights', 'import', 'tiny.safetensors', '--name', 'tiny', '--folder', 'kept'];
  expect(await vesalius(folder, ...line)).toMatchObject({ status: 0 });
}

const TINY = ['--weights', 'tiny', '--weights-folder', 'kept', '--size', '16', '--threads', '1'];
const PATIENT = ['--patient', 'person(\\d+x\\d+)'];

test.each(['blocks-3', 'head-3'])(
  'pictures are told apart after %s, unseen ones with intervals, those of the training never again',
  { timeout: 60_000 },
  async (method) => {
    using folder = temporaryFolder();
    await importTiny(folder.path);
    await writePictures(join(folder.path, 'data'), 80, 1);
    await writePictures(join(folder.path, 'others'), 24, 2);
    const line = ['classify', 'train', 'data', 'model', '--method', method, '--steps', '60', '--cache', 'cache'];
    const rate = ['--learning-rate', '0.003', '--batch', '16'];
    const trained = await vesalius(folder.path, ...line, ...TINY, ...PATIENT, ...rate);
    expect(trained.stderr).not.toMatch(/Patients are not known/);
    expect(trained).toMatchObject({ status: 0 });
    expect(trained.stdout).toMatch(/^dark: 8 of 16 cases, 8 patients\n {2}AUC 1\.0000 .* by DeLong/);
    expect(readdirSync(join(folder.path, 'cache'))).toHaveLength(2);
    const evaluated = await vesalius(folder.path, 'classify', 'evaluate', 'others', 'model', ...PATIENT, '--json');
    expect(JSON.parse(evaluated.stdout)).toMatchObject({ dark: { cases: 24, positives: 12, patients: 12 } });
    expect(JSON.parse(evaluated.stdout).dark.auc.value).toBeGreaterThan(0.95);
    const asked = await vesalius(folder.path, 'classify', 'predict', 'others/bright', 'model');
    const [header, ...rows] = asked.stdout.trim().split('\n');
    expect([header, rows.length]).toEqual(['file,bright,dark', 12]);
    for (const row of rows) expect(Number(row.split(',')[1])).toBeGreaterThan(0.5);
    const again = await vesalius(folder.path, 'classify', 'evaluate', 'data', 'model');
    expect(again).toMatchObject({ status: 5, stderr: expect.stringMatching(/DATA_MISMATCH.*trained on/) });
    const weights = join(folder.path, 'model/weights.safetensors');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 2] = (bytes.at(-2) as number) ^ 1;
    writeFileSync(weights, bytes);
    expect(await vesalius(folder.path, 'classify', 'predict', 'others/dark', 'model')).toMatchObject({ status: 8 });
  },
);

test('a patient in training and validation is told, and so is what cannot be trained on', async () => {
  using folder = temporaryFolder();
  await importTiny(folder.path);
  await writePictures(join(folder.path, 'data'), 16, 1);
  await writePictures(join(folder.path, 'same'), 16, 1);
  const train = (...more: string[]) => vesalius(folder.path, 'classify', 'train', 'data', 'model', ...TINY, ...more);
  const leaking = await train('--validation', 'same', ...PATIENT);
  expect(leaking.stderr).toMatch(/DATA_MISMATCH: training and validation, got 8 patients and 16 pictures in both/);
  expect(await train('--size', '15')).toMatchObject({ status: 2 });
  expect(await train('--patient', '(')).toMatchObject({ status: 2 });
  rmSync(join(folder.path, 'data/dark'), { recursive: true });
  expect(await train()).toMatchObject({ status: 5 });
});

test('a table names files, labels, patients and groups', async () => {
  using folder = temporaryFolder();
  await writePictures(folder.path, 4, 1);
  const rows = ['file,label,sex,patient', 'dark/person1x0_0.png,a,f,p1', 'bright/person1x1_2.png,b,m,p2'];
  writeFileSync(join(folder.path, 'cases.csv'), rows.join('\r\n'));
  const data = await readClassificationData(join(folder.path, 'cases.csv'), {});
  expect(data).toMatchObject({ classes: ['a', 'b'], patients: ['p1', 'p2'], labels: Uint8Array.of(0, 1) });
  expect([...data.groups]).toEqual([['sex', ['f', 'm']]]);
  writeFileSync(join(folder.path, 'out.csv'), 'file,label\n../../etc/passwd,a\n');
  await expect(readClassificationData(join(folder.path, 'out.csv'), {})).rejects.toThrow(/INVALID_ARGUMENT/);
  await expect(readClassificationData(join(folder.path, 'cases.csv'), { classes: ['a'] })).rejects.toThrow(
    /LABEL_OUT_OF_RANGE/,
  );
});

test('activations are read back as they were written, and not where they are others', async () => {
  using folder = temporaryFolder();
  const store = fileActivations(join(folder.path, 'cache'));
  expect(await store.read('k', 3)).toBeUndefined();
  await store.write('k', Float32Array.of(1, -2, 0.5));
  expect(await store.read('k', 3)).toEqual(Float32Array.of(1, -2, 0.5));
  expect(await store.read('k', 2)).toBeUndefined();
});
