import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { NewTraining } from '@vesalius/api';
import { VesaliusError } from '@vesalius/errors';
import type { LabelSource } from '../models/model-registry.ts';
import type { Services } from '../services.ts';
import { exportLabelled } from './export-labelled.ts';
import type { TrainingRow } from './tables.ts';
import { type Ending, type ProcessProgress, type TrainFolders, trainProcess } from './train-process.ts';
import type { TrainingRows } from './training-rows.ts';

interface RunOptions {
  readonly services: Services;
  readonly rows: TrainingRows;
  readonly folders: TrainFolders;
  readonly signal: AbortSignal;
  readonly closing: AbortSignal;
}

/** Parts of the whole by what the process says it does; the rest is reading, before, and writing, after. */
const PARTS: Readonly<Record<string, readonly [from: number, to: number]>> = {
  Checking: [0.02, 0.04],
  Preparing: [0.04, 0.06],
  Training: [0.06, 0.94],
  Evaluating: [0.94, 0.98],
};
const EXPORT_SHARE = 0.02;
const TELL_EVERY_MS = 500;
const TRY_AGAIN_MS = 2000;
const MOST_TRIES = 60;

/** Does what is left of a training: export, process, registry. What was done before a restart is not done again. */
export async function runTraining(row: TrainingRow, options: RunOptions): Promise<Ending> {
  const { services, rows, folders, signal, closing } = options;
  const request = JSON.parse(row.request) as NewTraining;
  if (!(await isThere(join(folders.data, 'dataset.json')))) {
    await rows.update(row.id, { state: 'preparing', message: 'reading the labelled series' });
    const progress = (done: number, total: number) =>
      rows.tell(row.id, { progress: (EXPORT_SHARE * done) / total, cases: total });
    const keepSources = (sources: readonly LabelSource[]) => rows.update(row.id, { sources: JSON.stringify(sources) });
    await exportLabelled(services, { request, folder: folders.data, signal, progress, keepSources });
  }
  if (!(await isThere(join(folders.bundle, 'signature.json')))) {
    await rows.update(row.id, { state: 'running', message: 'starting' });
    const { program } = services.settings;
    if (!program) throw noProgram();
    const tell = teller(rows, row.id);
    const ending = await whenFree(() => trainProcess({ program, request, folders, signal, closing, progress: tell }));
    if (ending.kind !== 'trained') return ending;
  }
  const model = await registered(row, request, options);
  await rows.update(row.id, {
    ...{ state: 'succeeded', progress: 1, message: null, seconds_left: null, model },
    ended_at: new Date().toISOString(),
  });
  // The scans are in the archive, the model in the registry.
  await rm(join(folders.data, '..'), { recursive: true, force: true });
  return { kind: 'trained' };
}

export function noProgram(): VesaliusError {
  return new VesaliusError('DEPENDENCY_MISSING', {
    what: 'the program that trains',
    expected: 'setting program: { command, args }',
  });
}

/** The one that was registered just before a kill stays the only one. */
async function registered(row: TrainingRow, { project }: NewTraining, { services, rows, folders }: RunOptions) {
  const known = await services.models.list({ projects: [project] });
  const former = known.find(({ training }) => training === row.id);
  if (former) return former.id;
  const sources = (await rows.get(row.id, { projects: [project] }))?.sources;
  const lineage = sources ? { sources: JSON.parse(sources) as LabelSource[] } : {};
  return (await services.models.add(folders.bundle, { project, training: row.id, ...lineage })).id;
}

function teller(rows: TrainingRows, id: string): (progress: ProcessProgress) => void {
  let told = 0;
  return ({ label, share, secondsLeft, note }) => {
    if (Date.now() - told < TELL_EVERY_MS && share < 1) return;
    told = Date.now();
    const [from, to] = PARTS[label] ?? [0, 1];
    const seconds_left = secondsLeft === undefined || !Number.isFinite(secondsLeft) ? null : secondsLeft;
    rows.tell(id, { progress: from + (to - from) * share, message: note, seconds_left });
  };
}

/** The process of a server that was killed saves what it did before it goes. */
async function whenFree(train: () => Promise<Ending>): Promise<Ending> {
  for (let tries = 1; ; tries++) {
    const ending = await train();
    if (tries === MOST_TRIES || ending.kind !== 'failed' || !ending.message.includes('another training runs here'))
      return ending;
    await setTimeout(TRY_AGAIN_MS);
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
