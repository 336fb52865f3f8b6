import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { VesaliusError } from '@vesalius/errors';
import { listAll, type ProgramResult, runVesalius } from '../program/vesalius.ts';

/** When a training is killed: so long after a step was logged, or while a file or folder is being written. */
export type KillMoment =
  | { readonly kind: 'step'; readonly step: number; readonly delayMs: number }
  | {
      readonly kind: 'writing';
      readonly what: 'checkpoint' | 'bundle';
      readonly afterStep: number;
      readonly delayMs: number;
    };

export interface KilledTraining {
  /** The last step that was logged before the kill. */
  readonly step: number;
  /** Whether something half written lay there after the kill. */
  readonly insideWriting: boolean;
  /** What is wrong with what the resumed training ended with; empty where all is right. */
  readonly faults: readonly string[];
}

export interface TrainingPlace {
  /** Holds `data` and `plan.json`. */
  readonly folder: string;
  readonly steps: number;
}

/** Trains to the end without a break. */
export async function trainWhole(place: TrainingPlace, name: string, more: readonly string[] = []): Promise<Buffer> {
  const result = await runVesalius(commandLine(place, name, more), { cwd: place.folder });
  if (result.status !== 0) throw new VesaliusError('RUNTIME_FAILED', { what: 'unbroken training', got: result.stderr });
  return weightsOf(place, name);
}

/** Kills a training at the moment, resumes it by the same command and compares the end with the unbroken training's. */
export async function killAndResume(
  place: TrainingPlace,
  { name, moment, expected }: { name: string; moment: KillMoment; expected: Buffer },
): Promise<KilledTraining> {
  const line = commandLine(place, name);
  const killed = await runVesalius(line, {
    cwd: place.folder,
    onStart: (child) => killAt(child, place, { name, moment }),
  });
  const step = lastStep(place, name);
  const insideWriting = halfWritten(place, name).length > 0;
  const resumed = await runVesalius(line, { cwd: place.folder });
  const faults = [...faultsOf(place, { name, killed, resumed, expected })];
  for (const path of [name, `${name}.run`]) rmSync(join(place.folder, path), { recursive: true, force: true });
  return { step, insideWriting, faults };
}

export function commandLine({ steps }: TrainingPlace, name: string, more: readonly string[] = []): string[] {
  const options = ['--plan', 'plan.json', '--steps', String(steps), '--checkpoint-every', '0.02s'];
  return ['train', 'data', ...options, '--out', name, ...more];
}

export function weightsOf({ folder }: TrainingPlace, name: string): Buffer {
  return readFileSync(join(folder, name, 'weights.safetensors'));
}

/** Files and folders that are being written, or were when their program was killed. */
export function halfWritten({ folder }: TrainingPlace, name: string): string[] {
  return listAll(folder).filter((path) => path.includes(name) && /\.(part|former)(\/|$)/.test(path));
}

/** The last step in the log, 0 before the first. */
export function lastStep({ folder }: TrainingPlace, name: string): number {
  const log = join(folder, `${name}.run`, 'log.jsonl');
  if (!existsSync(log)) return 0;
  return Number([...readFileSync(log, 'utf8').matchAll(/"step":(\d+)/g)].at(-1)?.[1] ?? 0);
}

const LOOK_MS = 1;

function killAt(
  child: ChildProcess,
  place: TrainingPlace,
  { name, moment }: { name: string; moment: KillMoment },
): void {
  const looking = setInterval(() => {
    if (!isTime(place, name, moment)) return;
    clearInterval(looking);
    setTimeout(() => child.kill('SIGKILL'), moment.delayMs);
  }, LOOK_MS);
  child.on('exit', () => clearInterval(looking));
}

function isTime(place: TrainingPlace, name: string, moment: KillMoment): boolean {
  if (moment.kind === 'step') return lastStep(place, name) >= moment.step;
  const folder = moment.what === 'bundle' ? place.folder : join(place.folder, `${name}.run`, 'checkpoints');
  const writing = existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.part'));
  return writing && (moment.what === 'bundle' || lastStep(place, name) >= moment.afterStep);
}

function* faultsOf(
  place: TrainingPlace,
  {
    name,
    killed,
    resumed,
    expected,
  }: { name: string; killed: ProgramResult; resumed: ProgramResult; expected: Buffer },
): Generator<string> {
  if (killed.status !== null) yield `ended with ${killed.status} before it was killed: ${killed.stderr.slice(-200)}`;
  if (resumed.status !== 0) {
    yield `resumed, it ended with ${resumed.status}: ${resumed.stderr.slice(-200)}`;
    return;
  }
  if (!weightsOf(place, name).equals(expected)) yield 'other weights than the unbroken training';
  for (const path of halfWritten(place, name)) yield `left half written: ${path}`;
  const steps = loggedSteps(place, name);
  if (steps.some((step, i) => i > 0 && step <= (steps[i - 1] ?? 0))) yield `log repeats steps: ${steps.join(' ')}`;
}

function loggedSteps({ folder }: TrainingPlace, name: string): number[] {
  const lines = readFileSync(join(folder, `${name}.run`, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  const records = lines.map((line) => JSON.parse(line) as { event: string; step: number });
  return records.filter(({ event }) => event === 'step').map(({ step }) => step);
}
