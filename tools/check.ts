// `npm run check`: every rule that a machine keeps, one line each.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './root.ts';

const STEPS = {
  'format and lint': [
    '@biomejs/biome/bin/biome',
    'ci',
    '--colors=off',
    '--reporter=concise',
    '--error-on-warnings',
    '--max-diagnostics=200',
    '.',
  ],
  types: ['typescript/bin/tsc', '-b'],
  'types of tests and tools': ['typescript/bin/tsc', '-p', 'tools'],
  'unused code': ['knip/bin/knip.js'],
  'direction of packages': ['tools/draw-packages.ts', '--check'],
  parity: ['tools/parity.ts', '--check'],
  'error codes': ['tools/draw-errors.ts', '--check'],
  goals: ['bench/figures.ts', '--check'],
};

for (const [name, [program = '', ...args]] of Object.entries(STEPS)) {
  const start = performance.now();
  const path = program.endsWith('.ts') ? join(ROOT, program) : join(ROOT, 'node_modules', program);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { cwd: ROOT, encoding: 'utf8' });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (status === 0) continue;
  process.exitCode = 1;
  console.log(stdout + stderr);
}
