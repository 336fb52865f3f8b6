// `npm test`: sets up what the tests need beyond npm, runs every test once and ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { closingLine, countTests, refusal, type VitestReport } from './closing-line.ts';
import { findChromium } from './find-program.ts';
import { ROOT } from './root.ts';

setUpChromium();
if (!process.env.VESALIUS_DATA) console.error('VESALIUS_DATA names no data folder: tests on real scans are skipped');
const { skippedNames, ...counts } = countTests(runVitest());
for (const name of skippedNames) console.error(`skipped ${relative(ROOT, name)}`);
const problem = refusal(counts, process.env.CI === 'true');
if (problem) console.error(`not good: ${problem}`);
console.log(closingLine(counts));
process.exitCode = problem ? 1 : 0;

function setUpChromium(): void {
  if (!findChromium() && process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.error('installing Chromium, which the browser tests need');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args: string[]) =>
      spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  }
  const path = findChromium();
  if (path) process.env.VESALIUS_CHROMIUM = path;
  else console.error('no Chromium on PATH: install it, or name it in VESALIUS_CHROMIUM; browser tests are skipped');
}

function runVitest(): VitestReport {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-test-'));
  const report = join(folder, 'report.json');
  const program = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ];
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: ROOT, stdio: 'inherit' });
  const read = existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as VitestReport) : { testResults: [] };
  rmSync(folder, { recursive: true });
  return { testResults: read.testResults, success: status === 0 };
}
