// Builds the page that `vesalius serve` gives out, where its sources are newer: `node tools/build-workbench.ts [--force]`.
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './root.ts';

const WORKBENCH = join(ROOT, 'packages/workbench');
/** Also what it takes from other packages. */
const SOURCES = [
  'packages/workbench/{index.html,vite.config.ts,package.json,src/**}',
  'packages/{errors,volume,engine,dicom,medical,api}/src/**/*.ts',
];
const LEAST_BYTES = 1024;

const built = statSync(join(WORKBENCH, 'dist/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
const changed = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).some(
  (file) => statSync(join(ROOT, file)).mtimeMs > built,
);
if (changed || process.argv.includes('--force')) build();

function build(): void {
  console.error('Building the page …');
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: WORKBENCH,
    encoding: 'utf8',
  });
  if (status !== 0) {
    console.error(stdout + stderr);
    process.exit(1);
  }
  for (const file of globSync('dist/assets/**/*.{js,css,wasm}', { cwd: WORKBENCH })) {
    const bytes = readFileSync(join(WORKBENCH, file));
    if (bytes.length >= LEAST_BYTES) writeFileSync(join(WORKBENCH, `${file}.gz`), gzipSync(bytes));
  }
}
