import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ERROR_CODES } from '@vesalius/errors';
import { writeTinyData, writeTinyPlan } from '../program/tiny-data.ts';
import { listAll, type ProgramResult, runVesalius } from '../program/vesalius.ts';
import { type BadInput, TRAIN } from './bad-input.ts';
import { FULL_DISKS, WRONG_BUNDLES } from './wrong-bundles.ts';
import { WRONG_FOLDERS, WRONG_WORDS } from './wrong-folders.ts';
import { WRONG_LABELS, WRONG_SCANS } from './wrong-scans.ts';
import { WRONG_TRAINING } from './wrong-training.ts';

/** By what is wrong. */
export const BAD_INPUTS: Readonly<Record<string, BadInput>> = {
  ...WRONG_SCANS,
  ...WRONG_LABELS,
  ...WRONG_FOLDERS,
  ...WRONG_WORDS,
  ...WRONG_TRAINING,
  ...WRONG_BUNDLES,
  ...FULL_DISKS,
};

/** Sound data, a plan, a trained bundle and its run, to be copied and broken. */
export async function prepareSoundFolder(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-bad-'));
  const sound = join(folder, 'sound');
  mkdirSync(sound);
  await writeTinyData(join(sound, 'data'));
  await writeTinyPlan(sound, 'data');
  const { status, stderr } = await runVesalius(TRAIN.split(' '), { cwd: sound });
  if (status !== 0) throw new Error(stderr);
  await rename(join(sound, 'new.bundle'), join(sound, 'bundle'));
  await rename(join(sound, 'new.bundle.run'), join(sound, 'old.run'));
  return folder;
}

export interface Verdict {
  /** What the answer lacks; empty where it is as it should be. */
  readonly wrong: readonly string[];
  /** Paths that are there and should not be, or are gone. */
  readonly leftovers: readonly string[];
  readonly line: string;
}

/** Breaks a copy of the sound folder in one way, runs the command line on it and judges the answer. */
export async function actOut(folder: string, name: string, input: BadInput): Promise<Verdict> {
  const place = join(folder, name.replaceAll(/\W+/g, '-'));
  cpSync(join(folder, 'sound'), place, { recursive: true });
  const undo: (() => void)[] = [];
  const at = (path: string): string => join(place, path);
  try {
    await input.arrange?.({ folder: place, at, onEnd: (step) => undo.push(step) });
    const before = new Set(listAll(place));
    const result = await runVesalius(input.line.split(' '), { cwd: place });
    const after = new Set(listAll(place));
    const added = [...after].filter((path) => !before.has(path) && !input.mayLeave?.test(path));
    const gone = [...before].filter((path) => !after.has(path));
    return { wrong: faults(input, result, place), leftovers: [...added, ...gone], line: lastLine(result) };
  } finally {
    for (const step of undo) step();
    rmSync(place, { recursive: true, force: true });
  }
}

/** Whether a small disk can be mounted here. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'vesalius-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', folder]).status === 0;
  if (mounted) spawnSync('umount', [folder]);
  rmSync(folder, { recursive: true });
  return mounted;
}

const PROGRESS =
  /^(Checking|Preparing|Training|Evaluating|Predicting) +\d+ %|^\d+ cases (checked|read)$|^Trained \d+ steps$|^warning | {2}\d+ cases?: /;

function* faultsOf({ code, says, file }: BadInput, result: ProgramResult, place: string): Generator<string> {
  const { exitStatus } = ERROR_CODES[code];
  if (result.status !== exitStatus) yield `exit status ${result.status} instead of ${exitStatus}`;
  const line = lastLine(result);
  if (!line.startsWith(`${code}: `)) yield `no ${code}`;
  if (!says.test(line)) yield `does not say ${says}`;
  const named = file === undefined || line.endsWith(`(${join(place, file)})`) || line.endsWith(`(${file})`);
  if (!named) yield `does not name ${file}`;
  const more = result.stderr
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .filter((text) => !PROGRESS.test(text));
  for (const text of more) yield `says besides: ${text}`;
  if (result.stdout !== '') yield `prints ${result.stdout}`;
}

function faults(input: BadInput, result: ProgramResult, place: string): string[] {
  return [...faultsOf(input, result, place)];
}

function lastLine({ stderr }: ProgramResult): string {
  return stderr.trimEnd().split('\n').at(-1) ?? '';
}
