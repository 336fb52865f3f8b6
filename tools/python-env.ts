// The Python of the side-by-side measurements: `VESALIUS_PYTHON`, or `.venv` made from bench/python/requirements.txt. Prints its path.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { findProgram } from './find-program.ts';
import { ROOT } from './root.ts';

/** Pinned packages, and the folder that holds them. */
interface PythonEnvironment {
  readonly requirements: string;
  readonly folder: string;
  /** The requirements name all that is needed: what the packages ask for besides is left out. */
  readonly alone?: boolean;
}

const PEERS: PythonEnvironment = { requirements: 'bench/python/requirements.txt', folder: '.venv' };

/**
 * Path of an interpreter that has the pinned peers; fills `.venv` where it is missing or the pins have changed (minutes, network).
 *
 * @throws DEPENDENCY_MISSING when there is no Python 3, or pip fails
 */
export function pythonWithPeers(): string {
  return process.env.VESALIUS_PYTHON ?? pythonWith(PEERS);
}

/**
 * Path of an interpreter that has some pinned packages, in a folder of its own.
 *
 * @throws DEPENDENCY_MISSING when there is no Python 3, or pip fails
 */
export function pythonWith(environment: PythonEnvironment): string {
  const folder = join(ROOT, environment.folder);
  const python = join(folder, 'bin', 'python');
  const requirements = join(ROOT, environment.requirements);
  const installed = join(folder, 'installed.txt');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(requirements, 'utf8')) return python;
  const system = findProgram(['python3', 'python']);
  if (!system) throw new VesaliusError('DEPENDENCY_MISSING', { what: 'Python 3 on PATH, or VESALIUS_PYTHON' });
  run(system, ['-m', 'venv', folder]);
  const alone = environment.alone ? ['--no-deps'] : [];
  run(python, ['-m', 'pip', 'install', ...alone, '--requirement', requirements]);
  // Written last: a folder that was left half-filled is filled again.
  copyFileSync(requirements, installed);
  return python;
}

function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new VesaliusError('DEPENDENCY_MISSING', { what: args.slice(0, 3).join(' '), got: `status ${status}` });
}

if (import.meta.main) console.log(pythonWithPeers());
