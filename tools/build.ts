// `npm run build`: what is published, as packages/{cli,engine}/dist/package: JavaScript without the private packages' names.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './root.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly imports?: object;
}

const SHEBANG = '#!/usr/bin/env node\n';

const types = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b', 'packages/engine'], {
  cwd: ROOT,
  stdio: 'inherit',
});
if (types.status !== 0) process.exit(1);
await buildCommand();
await buildEngine();

/** The command: each command's work stays a file of its own, loaded when it is run. */
async function buildCommand(): Promise<void> {
  const folder = stagingOf('cli');
  const worker = join(ROOT, 'packages/bundle/src/prediction/session-worker.ts');
  await bundle([join(ROOT, 'packages/cli/src/main.ts'), worker], join(folder, 'dist'), {
    external: /^(node:|#onnxruntime|(?!vesalius\/|@vesalius\/)[\w@])/,
    banner: SHEBANG,
  });
  const page = spawnSync(process.execPath, [join(ROOT, 'tools/build-workbench.ts')], { stdio: 'inherit' });
  if (page.status !== 0) process.exit(1);
  cpSync(join(ROOT, 'packages/workbench/dist'), join(folder, 'dist/workbench'), { recursive: true });
  const { name, version, license } = manifestOf('cli');
  const packages = ['engine', 'dicom', 'server', 'api', 'cli'];
  const dependencies = Object.assign({}, ...packages.map(published)) as Record<string, string>;
  // Only what the command line can run on.
  delete dependencies['onnxruntime-web'];
  writeManifest(folder, {
    ...{
      name,
      version,
      license,
      description: 'An archive of medical scans, and models trained, measured and run on them.',
      type: 'module',
    },
    bin: { vesalius: 'dist/main.js' },
    imports: { '#onnxruntime': 'onnxruntime-node', '#onnxruntime-webgpu': 'onnxruntime-node' },
    engines: { node: '>=24' },
    dependencies,
  });
}

/** The engine for embedding, with its types; Node and browser take different runtimes, as package.json says. */
async function buildEngine(): Promise<void> {
  const folder = stagingOf('engine');
  await bundle([join(ROOT, 'packages/engine/src/index.ts')], join(folder, 'dist'), {
    external: /^(onnxruntime-|#onnxruntime)/,
    banner: '',
  });
  copyTypes('engine', join(folder, 'types'));
  copyTypes('errors', join(folder, 'types/errors'));
  const { name, version, license, imports } = manifestOf('engine');
  writeManifest(folder, {
    ...{ name, version, license, description: 'Builds, differentiates, trains and runs networks as ONNX graphs.' },
    type: 'module',
    exports: { '.': { types: './types/index.d.ts', default: './dist/index.js' } },
    imports,
    engines: { node: '>=24' },
    dependencies: published('engine'),
  });
}

function stagingOf(folder: string): string {
  const staging = join(ROOT, 'packages', folder, 'dist/package');
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  copyFileSync(join(ROOT, 'LICENSE'), join(staging, 'LICENSE'));
  copyFileSync(join(ROOT, 'README.md'), join(staging, 'README.md'));
  return staging;
}

/** The first of the sources is the one that is started; each keeps its name. */
async function bundle(
  input: readonly string[],
  dir: string,
  { external, banner }: { external: RegExp; banner: string },
): Promise<void> {
  const build = await rolldown({ input: [...input], external, platform: 'node' });
  await build.write({ dir, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' });
  await build.close();
  const entry = join(dir, `${basename(input[0] ?? '', '.ts')}.js`);
  const code = readFileSync(entry, 'utf8');
  writeFileSync(entry, banner + code, { mode: banner === '' ? 0o644 : 0o755 });
}

/** Declarations that `tsc -b` wrote; what they take from the private errors they find beside them. */
function copyTypes(of: string, to: string): void {
  const from = join(ROOT, 'packages', of, 'dist');
  const written = readdirSync(from, { recursive: true, encoding: 'utf8' });
  for (const name of written.filter((path) => path.endsWith('.d.ts') && !path.startsWith('package'))) {
    const file = join(to, name);
    const errors = relative(dirname(file), join(to, 'errors/index.d.ts')).replaceAll('\\', '/');
    const text = readFileSync(join(from, name), 'utf8');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text.replaceAll("'@vesalius/errors'", `'${errors.startsWith('.') ? errors : `./${errors}`}'`));
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8')) as Manifest;
}

function published(folder: string): Record<string, string> {
  const { dependencies } = manifestOf(folder);
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => !name.startsWith('@vesalius/')));
}

function writeManifest(folder: string, manifest: object): void {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
