import { COMMANDS } from './commands/commands.ts';
import { runCommandLine } from './run-command-line.ts';

const INTERRUPTED_STATUS = 130;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // The second time it is meant at once.
    if (stop.signal.aborted) process.exit(INTERRUPTED_STATUS);
    process.stderr.write('\nStopping once what runs is safe; press Ctrl-C again to stop at once.\n');
    stop.abort();
  });
}

// A server that trains by this program has gone: what it began is saved. The channel alone keeps nothing running.
process.on('disconnect', () => stop.abort());
process.channel?.unref();

// A reader such as `head` that has seen enough is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const { stdout, stderr } = process;
const context = { stdout, stderr, signal: stop.signal, cwd: process.cwd() };
process.exitCode = await runCommandLine(COMMANDS, process.argv.slice(2), context);
