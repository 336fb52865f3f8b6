import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { NewTraining } from '@vesalius/api';
import type { Settings } from '../settings.ts';
import { PATIENT_RULE } from './export-labelled.ts';

export interface TrainFolders {
  readonly data: string;
  readonly bundle: string;
  readonly run: string;
}

export interface ProcessProgress {
  readonly label: string;
  /** 0 to 1. */
  readonly share: number;
  readonly secondsLeft?: number;
  readonly note: string;
}

/** How a training's process ended. */
export type Ending =
  | { readonly kind: 'trained' | 'interrupted' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

interface ProcessOptions {
  readonly program: NonNullable<Settings['program']>;
  readonly request: NewTraining;
  readonly folders: TrainFolders;
  /** Asks it to save and to end. */
  readonly signal: AbortSignal;
  /** The server closes: it has no more than some seconds for that. */
  readonly closing: AbortSignal;
  progress(progress: ProcessProgress): void;
}

const INTERRUPTED = 130;
/** To save; a training that is ended harder goes on from its last checkpoint. */
const GRACE_MS = { closing: 8000, asked: 120_000 };
/** Of what it wrote that was no progress. */
const KEPT_LINES = 20;

/** Runs `vesalius train` behind what people wait for; the same folders again go on where it was. */
export async function trainProcess(options: ProcessOptions): Promise<Ending> {
  const { program, request, folders, signal, closing, progress } = options;
  if (signal.aborted) return { kind: 'interrupted' };
  // It is told by the channel when the server is gone, and saves; the terminal's Ctrl-C is the server's alone.
  const child = spawn(program.command, [...program.args, ...trainLine(request, folders)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  const started = once(child, 'spawn').then(() =>
    setPriority(child.pid ?? 0, constants.priority.PRIORITY_BELOW_NORMAL),
  );
  started.catch(() => undefined);
  const said: string[] = [];
  const hear = (line: string) => {
    const told = progressOf(line);
    if (told) progress(told);
    else said.push(line);
    said.splice(0, said.length - KEPT_LINES);
  };
  if (child.stderr) createInterface(child.stderr).on('line', hear);
  const timers: NodeJS.Timeout[] = [];
  const end = (graceMs: number) => () => {
    // A second one would mean: at once, unsaved.
    if (timers.length === 0) child.kill('SIGINT');
    timers.push(setTimeout(() => child.kill('SIGKILL'), graceMs).unref());
  };
  const over = new AbortController();
  const listening = { once: true, signal: over.signal };
  closing.addEventListener('abort', end(GRACE_MS.closing), listening);
  signal.addEventListener('abort', () => closing.aborted || end(GRACE_MS.asked)(), listening);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    if (status === 0) return { kind: 'trained' };
    if (status === INTERRUPTED || signal.aborted) return { kind: 'interrupted' };
    return { kind: 'failed', ...errorOf(said, status) };
  } catch {
    return { kind: 'failed', code: 'DEPENDENCY_MISSING', message: 'the program that trains cannot be started' };
  } finally {
    over.abort();
    for (const timer of timers) clearTimeout(timer);
  }
}

function trainLine({ recipe, interactive, budgetMinutes, steps, seed }: NewTraining, folders: TrainFolders): string[] {
  const what = recipe === 'plan' ? [folders.data] : [recipe, '--data', folders.data];
  const length =
    steps === undefined
      ? budgetMinutes === undefined
        ? []
        : ['--budget', `${budgetMinutes}min`]
      : ['--steps', `${steps}`];
  return [
    ...['train', ...what, '--json', '--out', folders.bundle, '--run', folders.run],
    ...['--seed', `${seed}`, '--threads', `${availableParallelism()}`, '--patient', PATIENT_RULE],
    ...(interactive ? ['--interactive'] : []),
    ...length,
  ];
}

function progressOf(line: string): ProcessProgress | undefined {
  const { progress: label, done, total, secondsLeft, loss, dice } = asRecord(line);
  if (typeof label !== 'string' || typeof done !== 'number' || typeof total !== 'number') return undefined;
  const figures = [
    typeof loss === 'number' ? `loss ${loss.toFixed(3)}` : '',
    typeof dice === 'number' ? `Dice ${dice.toFixed(3)}` : '',
  ];
  const note = [label, ...figures].filter((part) => part !== '').join(', ');
  const left = typeof secondsLeft === 'number' ? { secondsLeft } : {};
  return { label, share: total > 0 ? Math.min(1, done / total) : 0, note, ...left };
}

function errorOf(said: readonly string[], status: number | null): { code: string; message: string } {
  for (const line of said.toReversed()) {
    const { code, message } = Object(asRecord(line)['error']) as { code?: unknown; message?: unknown };
    if (typeof code === 'string' && typeof message === 'string') return { code, message };
  }
  const how =
    status === null ? 'was ended from outside, as it is where memory is used up' : `ended with status ${status}`;
  return { code: 'RUNTIME_FAILED', message: `the process that trains ${how}` };
}

function asRecord(line: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(line)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
