import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { VesaliusError } from '@vesalius/errors';
import { PROGRAM } from '../program/vesalius.ts';

export interface StartedServer {
  readonly url: string;
  readonly dimsePort: number;
  readonly dataFolder: string;
  readonly firstAdmin?: { readonly name: string; readonly oneTimePassword: string };
  readonly child: ChildProcess;
  /** What it said on stderr so far: its log. */
  log(): string;
  /** As Ctrl-C does. @returns the exit status */
  stop(): Promise<number | null>;
  /** As the loss of power does. */
  kill(): Promise<void>;
}

const servers = new Set<ChildProcess>();

/** Starts `vesalius serve` in a process of its own, on free ports. */
export function startedServer(folder: string, ...line: readonly string[]): Promise<StartedServer> {
  return startedServerWith({}, folder, ...line);
}

/** @param env - beside this process' own */
export async function startedServerWith(
  env: Readonly<Record<string, string>>,
  folder: string,
  ...line: readonly string[]
): Promise<StartedServer> {
  const words = ['serve', '--json', '--port', '0', '--dimse-port', '0', '--data', join(folder, 'data'), ...line];
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    ...{ cwd: folder, env: { ...process.env, ...env } },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  servers.add(child);
  const ended = once(child, 'exit').finally(() => servers.delete(child));
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const said = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (typeof said[0] !== 'string') throw new VesaliusError('RUNTIME_FAILED', { what: 'vesalius serve', got: log });
  return {
    ...JSON.parse(said[0]),
    child,
    log: () => log,
    stop: async () => {
      child.kill('SIGINT');
      const [status] = await ended;
      return status as number | null;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Ends what a test left running. */
export function killServers(): void {
  for (const child of servers) child.kill('SIGKILL');
}
