import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { VesaliusError } from '@vesalius/errors';

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export interface SpawnOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Asked again and again until it is true. */
  readonly answers: (child: ChildProcess) => Promise<boolean>;
}

/** The first start after rows were brought in has work to do. */
const PATIENCE_MS = 600_000;
const BETWEEN_MS = 5;

/**
 * Starts a server and waits until it answers.
 *
 * @throws RUNTIME_FAILED when it ends before or never answers
 */
export async function spawnServer(options: SpawnOptions): Promise<{ child: ChildProcess; startMs: number }> {
  const { program, args, answers } = options;
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = `${said}${text}`.slice(-300);
  });
  for (;;) {
    if (await answers(child).catch(() => false)) return { child, startMs: performance.now() - started };
    if (child.exitCode !== null || performance.now() - started > PATIENCE_MS)
      throw new VesaliusError('RUNTIME_FAILED', {
        what: program,
        got: `no answer, exit status ${child.exitCode}: ${said}`,
      });
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
  }
}

/** Ends a server in order, and waits until it is gone. */
export async function endServer(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}
