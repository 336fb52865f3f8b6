// `npm test`: sets up what the tests need beyond npm, runs every test once and ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { closingLine, countTests, refusal, type VitestReport } from './closing-line.ts';
import { findChromium, findProgram } from './find-program.ts';
import { ROOT } from './root.ts';

setUpPrograms();
buildWorkbench();
if (!process.env.VESALIUS_DATA) console.error('VESALIUS_DATA names no data folder: tests on real scans are skipped');
const { skippedNames, ...counts } = countTests(runVitest());
for (const name of skippedNames) console.error(`skipped ${relative(ROOT, name)}`);
const problem = refusal(counts, process.env.CI === 'true');
if (problem) console.error(`not good: ${problem}`);
console.log(closingLine(counts));
process.exitCode = problem ? 1 : 0;

/** Installs what is missing, as root on Debian; elsewhere names what is skipped. */
function setUpPrograms(): void {
  const missing = missingPackages();
  if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.error(`installing ${missing.join(', ')}, which tests need`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args: string[]) =>
      spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'], env });
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...missing);
  }
  for (const name of missingPackages()) console.error(`no ${name} on PATH: install it; tests that need it are skipped`);
  setUpS3Server();
  const chromium = findChromium();
  if (chromium) process.env.VESALIUS_CHROMIUM = chromium;
}

/** The page that tests in a browser open. */
function buildWorkbench(): void {
  const program = join(ROOT, 'tools/build-workbench.ts');
  const { status } = spawnSync(process.execPath, [program], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

/** A server for the tests of the object store: a program, kept out of the project's own dependencies. */
function setUpS3Server(): void {
  const folder = join(ROOT, 'node_modules/.test-programs');
  if (existsSync(join(folder, 'node_modules/s3rver'))) return;
  console.error('installing s3rver, which tests need');
  mkdirSync(folder, { recursive: true });
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    's3rver@3.7.1',
  ];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) console.error('s3rver cannot be installed; tests that need it are skipped');
}

function missingPackages(): string[] {
  const found = {
    chromium: findChromium(),
    dcmtk: findProgram(['dcmqrscp']),
    dicom3tools: findProgram(['dciodvfy']),
    openssl: findProgram(['openssl']),
    // Debian keeps the server's programs off PATH.
    postgresql: globSync('/usr/lib/postgresql/*/bin/initdb')[0],
  };
  return Object.entries(found).flatMap(([name, path]) => (path ? [] : [name]));
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
