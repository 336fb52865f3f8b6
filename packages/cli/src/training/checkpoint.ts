import { readFileBytes, writeFileAtomic } from '@vesalius/bundle/files';
import { readSafetensors, type TensorValue, type WeightMap, writeSafetensors } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import type { BudgetRevision } from './step-budget.ts';

/** Where a training stands: enough to go on as if it had not stopped. */
export interface Checkpoint {
  readonly step: number;
  /** Training time so far. */
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly revisions: readonly BudgetRevision[];
  readonly states: ReadonlyMap<string, TensorValue>;
  /** Of the run's description: a checkpoint fits its own run only. */
  readonly runSha256: string;
}

/** Replaces the file in one move, so that a kill leaves the old one or the new one. */
export async function writeCheckpoint(
  file: string,
  { states, revisions, step, seconds, cpuSeconds, runSha256 }: Checkpoint,
): Promise<void> {
  const metadata = {
    step: String(step),
    seconds: String(seconds),
    cpuSeconds: String(cpuSeconds),
    revisions: JSON.stringify(revisions),
    runSha256,
  };
  await writeFileAtomic(file, writeSafetensors(states as WeightMap, metadata));
}

/**
 * @returns undefined where there is none yet
 * @throws CHECKPOINT_MISMATCH when it belongs to another run
 */
export async function readCheckpoint(file: string, runSha256: string): Promise<Checkpoint | undefined> {
  const bytes = await readIfThere(file);
  if (!bytes) return undefined;
  const { tensors, metadata } = readSafetensors(bytes, file);
  if (metadata['runSha256'] !== runSha256) {
    throw new VesaliusError('CHECKPOINT_MISMATCH', {
      what: 'the run folder belongs to a training with other data or options',
      expected: 'the same command, or another --run folder',
      file,
    });
  }
  return {
    step: Number(metadata['step']),
    seconds: Number(metadata['seconds']),
    cpuSeconds: Number(metadata['cpuSeconds'] ?? metadata['seconds']),
    revisions: JSON.parse(metadata['revisions'] ?? '[]') as BudgetRevision[],
    states: tensors as unknown as ReadonlyMap<string, TensorValue>,
    runSha256,
  };
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFileBytes(file);
  } catch (error) {
    if (error instanceof VesaliusError && error.code === 'FILE_NOT_FOUND') return undefined;
    throw error;
  }
}
