import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '../../tools/root.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-package-'));
const modules = join(folder, 'node_modules');
const PROGRAM = join(modules, 'vesalius/dist/main.js');

function run(program: string, args: readonly string[], cwd = folder) {
  const env = { ...process.env, VESALIUS_CONFIG: join(folder, '.config'), npm_config_offline: 'true' };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return stdout;
}

/** Unpacks a tarball where npm would, and links what it depends on from the repository. */
function install(tarball: string, name: string): void {
  const target = join(modules, name);
  mkdirSync(target, { recursive: true });
  run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
  const { dependencies } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  for (const dependency of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    if (!existsSync(join(modules, dependency)))
      symlinkSync(join(ROOT, 'node_modules', dependency), join(modules, dependency), 'dir');
  }
}

beforeAll(() => {
  run(process.execPath, [join(ROOT, 'tools/build.ts')], ROOT);
  for (const [of, name] of [
    ['cli', 'vesalius'],
    ['engine', '@vesalius/engine'],
  ] as const) {
    const packed = run('npm', ['pack', join(ROOT, 'packages', of, 'dist/package'), '--json', '--ignore-scripts']);
    install(join(folder, JSON.parse(packed)[0].filename), name);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the packed command runs where nothing of the repository is', () => {
  expect(run(process.execPath, [PROGRAM, '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
  run(process.execPath, [PROGRAM, 'phantom', 'heads', '--cases', '2']);
  expect(readdirSync(join(folder, 'heads/images'))).toHaveLength(2);
  expect(JSON.parse(run(process.execPath, [PROGRAM, 'plan', 'heads', '--json'])).classes).toHaveLength(4);
  expect(readFileSync(PROGRAM, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(existsSync(join(dirname(PROGRAM), 'session-worker.js'))).toBe(true);
});

test('the packed command serves the archive', async () => {
  const words = ['serve', '--json', '--port', '0', '--dimse-port', '0', '--no-samples', '--log', 'error'];
  const server = spawn(process.execPath, [PROGRAM, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string];
    const ready = await fetch(`${JSON.parse(line).url}/ready`);
    expect(await ready.json()).toMatchObject({ status: 'ready' });
    const capabilities = await fetch(`${JSON.parse(line).url}/fhir/metadata`);
    expect(await capabilities.json()).toMatchObject({ resourceType: 'CapabilityStatement' });
  } finally {
    server.kill('SIGKILL');
  }
});

const SCRIPT = `
import { adamW, compile, createNetworkBuilder, initialValues, ops as $, scalarValue, trainingProgram, zeros } from '@vesalius/engine';

const { scope, variables } = createNetworkBuilder({ training: true });
const weight = scope.parameter('weight', [1], zeros);
const loss = $.mean($.square($.sub(weight, $.input('wanted', [1]))));
const step = await compile(trainingProgram({ loss, variables: variables(), optimizer: adamW() }), { threads: 1 });
for (const [name, value] of initialValues(variables(), 0)) step.writeState(name, value);
const losses = [];
for (let n = 1; n <= 30; n++) {
  const wanted = { shape: [1], dtype: 'float32', data: Float32Array.of(3) };
  const { loss } = await step.run({ wanted, learning_rate: scalarValue(0.1), step: scalarValue(n) });
  losses.push(loss.data[0]);
}
await step.close();
console.log(JSON.stringify(losses));
`;

test('the packed engine trains', () => {
  writeFileSync(join(folder, 'train.mjs'), SCRIPT);
  const losses = JSON.parse(run(process.execPath, ['train.mjs'])) as number[];
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] ?? 0));
});

test('the packed engine brings its types', () => {
  const code = `import { ops, type Tensor, writeSafetensors } from '@vesalius/engine';
export const image: Tensor = ops.input('image', [2, 3]);
export const shape: readonly number[] = image.shape;
// @ts-expect-error a shape is no text
export const wrong: Tensor = ops.input('image', 'two');
export const bytes: Uint8Array = writeSafetensors(new Map());
`;
  writeFileSync(join(folder, 'uses.ts'), code);
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--ignoreConfig',
  ];
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'uses.ts']);
});
