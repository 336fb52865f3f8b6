import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ops as $,
  createNetworkBuilder,
  initialValues,
  type WeightMap,
  type WeightTensor,
  writeSafetensors,
} from '@vesalius/engine';
import { visionTransformer } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { COMMANDS } from '../commands/commands.ts';
import { runCommandLine } from '../run-command-line.ts';
import { collectedOutput } from '../testing/collected-output.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { readStoredWeights } from './weights-store.ts';

function tinyTransformer(): WeightMap {
  const { scope, variables } = createNetworkBuilder();
  const sizes = { patchSize: 4, hiddenSize: 64, mlpDim: 64, depth: 1, numHeads: 1 };
  visionTransformer(scope, $.input('x', [1, 3, 8, 8]), sizes);
  return new Map(
    [...initialValues(variables(), 1)].map(([name, { shape, data }]): [string, WeightTensor] => [
      name,
      { dtype: 'float32', shape, data: data as Float32Array<ArrayBuffer> },
    ]),
  );
}

async function vesalius(cwd: string, ...line: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [collectedOutput(), collectedOutput()];
  const { signal } = new AbortController();
  const status = await runCommandLine(COMMANDS, [...line, '--folder', 'kept'], { stdout, stderr, signal, cwd });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

test('weights are imported under a known name, listed with their licence, and verified until they change', async () => {
  using folder = temporaryFolder();
  const weights = tinyTransformer();
  writeFileSync(join(folder.path, 'model.safetensors'), writeSafetensors(weights));
  const nameless = await vesalius(folder.path, 'weights', 'import', 'model.safetensors');
  expect(nameless).toMatchObject({ status: 2, stderr: expect.stringMatching(/INVALID_ARGUMENT: --name/) });
  const named = ['weights', 'import', 'model.safetensors', '--name', 'deit_tiny_patch16_224'];
  expect(await vesalius(folder.path, ...named)).toMatchObject({ status: 0 });
  const { stdout } = await vesalius(folder.path, 'weights', 'list');
  expect(stdout).toMatch(/deit_tiny_patch16_224: DeiT-Ti\/16.*\n.*labels of ImageNet-1k\n {2}licence: Apache-2.0/);
  const kept = join(folder.path, 'kept');
  const stored = await readStoredWeights(kept, 'deit_tiny_patch16_224');
  expect(stored.card.options).toMatchObject({ patchSize: 4, hiddenSize: 64, depth: 1, numHeads: 1, layerScale: false });
  expect(stored.weights.get('norm.weight')?.data).toEqual(weights.get('norm.weight')?.data);
  expect(await vesalius(folder.path, 'weights', 'verify')).toMatchObject({ status: 0 });
  const file = join(kept, 'deit_tiny_patch16_224.safetensors');
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(file, bytes);
  const changed = await vesalius(folder.path, 'weights', 'verify');
  expect(changed).toMatchObject({ status: 8, stderr: expect.stringMatching(/HASH_MISMATCH/) });
});

test('an action that is none is told', async () => {
  using folder = temporaryFolder();
  expect(await vesalius(folder.path, 'weights', 'show')).toMatchObject({ status: 2 });
  expect(await vesalius(folder.path, 'weights', 'list')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^nothing in /),
  });
});
