import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { findProgram } from './find-program.ts';
import { ROOT } from './root.ts';

/**
 * Path of an interpreter with pydicom and its decoders: `VESALIUS_DICOM_PYTHON`, or `.venv/dicom`, filled from
 * bench/python/dicom-requirements.txt where it is missing or the pins have changed.
 *
 * @throws DEPENDENCY_MISSING when there is no Python 3, or pip fails
 */
export function dicomPython(): string {
  const chosen = process.env.VESALIUS_DICOM_PYTHON;
  if (chosen) return chosen;
  const folder = join(ROOT, '.venv', 'dicom');
  const python = join(folder, 'bin', 'python');
  const requirements = join(ROOT, 'bench/python/dicom-requirements.txt');
  const installed = join(folder, 'installed.txt');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(requirements, 'utf8')) return python;
  const system = findProgram(['python3', 'python']);
  if (!system) throw new VesaliusError('DEPENDENCY_MISSING', { what: 'Python 3 on PATH, or VESALIUS_DICOM_PYTHON' });
  run(system, ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--requirement', requirements]);
  copyFileSync(requirements, installed);
  return python;
}

function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new VesaliusError('DEPENDENCY_MISSING', { what: args.slice(0, 3).join(' '), got: `status ${status}` });
}
