import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The program as it is installed. */
export const PROGRAM = join(import.meta.dirname, '../../packages/cli/bin/vesalius.js');

export interface ProgramResult {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** Words before the program's own: `['--max-old-space-size=64']`. */
  readonly nodeOptions?: readonly string[];
  /** Called as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs one command line of the program in a process of its own; keys and settings lie in the working folder's `.config`. */
export function runVesalius(line: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  const { cwd, nodeOptions = [], onStart } = options;
  return new Promise((resolve, reject) => {
    const env = { ...process.env, VESALIUS_CONFIG: join(cwd, '.config') };
    const child = spawn(process.execPath, [...nodeOptions, PROGRAM, ...line], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    onStart?.(child);
  });
}

/** Every file and folder below a folder, by its path, hidden ones too. */
export function listAll(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
}
