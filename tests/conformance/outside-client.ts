import { execFile } from 'node:child_process';
import { pythonWith } from '../../tools/python-env.ts';

/** A server that stands, as an outside client sees it. */
export interface ServedArchive {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string;
  readonly dimsePort: number;
  readonly aeTitle: string;
  /** Where C-MOVE may send to: nothing listens there until a client does. */
  readonly target: { readonly aeTitle: string; readonly port: number };
  /** Empty, removed afterwards. */
  readonly folder: string;
}

/** One thing a client was asked to do. */
export interface ClientCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What came instead. */
  readonly detail?: string;
}

/** Runs one client against a server. */
export type RunClient = (server: ServedArchive) => Promise<readonly ClientCheck[]>;

export interface Ran {
  readonly status: number;
  readonly text: string;
}

const LONGEST_MS = 180_000;
const CONFORMANCE = { requirements: 'tests/conformance/requirements.txt', folder: '.venv/conformance' };

/** A program to its end; what it wrote on both outputs. */
export function runProgram(program: string, args: readonly (string | number)[]): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { timeout: LONGEST_MS, maxBuffer: 1 << 26 };
    execFile(program, args.map(String), options, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code ?? -1) : 0, text: stdout + stderr }),
    );
  });
}

/** A script of tests/conformance that prints a line a check: `ok     name` or `FAILED name: detail`. */
export async function runScript(
  script: string,
  args: readonly (string | number)[],
  environment: Parameters<typeof pythonWith>[0] = CONFORMANCE,
): Promise<ClientCheck[]> {
  const { status, text } = await runProgram(pythonWith(environment), [`${import.meta.dirname}/${script}`, ...args]);
  const checks = [...text.matchAll(/^(ok {4}|FAILED) ([^\n:]+)(?:: ([^\n]*))?$/gm)].map(
    ([, mark, name = '', detail]) => ({
      name,
      ok: mark !== 'FAILED',
      ...(mark === 'FAILED' && detail ? { detail } : {}),
    }),
  );
  if (checks.length > 0 && (status === 0 || checks.some(({ ok }) => !ok))) return checks;
  return [
    ...checks,
    { name: 'the script ends well', ok: false, detail: text.trim().split('\n').at(-1) ?? `status ${status}` },
  ];
}
