import { join } from 'node:path';
import { sha256 } from '@vesalius/bundle/files';
import type { TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  createDetectorTrainer,
  createNoduleDetector,
  type DetectedScan,
  type DetectionCase,
  type DetectorSetup,
  detectionCase,
} from '@vesalius/medical';
import { stopIfInterrupted } from '../interruption.ts';
import { lockRun } from '../run/lock-run.ts';
import { readCheckpoint, writeCheckpoint } from '../training/checkpoint.ts';
import { type MarkedScan, readScan } from './detection-data.ts';

const CHECKPOINT_SECONDS = 30;
/** Of all that training scans may take; the rest is for the network. */
const MOST_BYTES = 8 * 2 ** 30;

export interface PreparedScans {
  readonly cases: readonly DetectionCase[];
  /** Of the files. */
  readonly hashes: readonly string[];
}

type OnProgress = (done: number, total: number, note: string) => void;

/**
 * Scans as the detector sees them, all in memory.
 *
 * @throws OUT_OF_MEMORY when they do not fit
 */
export async function prepareScans(
  scans: readonly MarkedScan[],
  setup: DetectorSetup,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: OnProgress },
): Promise<PreparedScans> {
  const [cases, hashes]: [DetectionCase[], string[]] = [[], []];
  let bytes = 0;
  for (const [i, { id, file, findings }] of scans.entries()) {
    stopIfInterrupted(signal);
    const { volume, hash } = await readScan(file);
    const { scan } = detectionCase(volume, findings, setup);
    bytes += scan.data.byteLength;
    if (bytes > MOST_BYTES)
      throw new VesaliusError('OUT_OF_MEMORY', {
        what: `training scans in memory, after ${i + 1} of ${scans.length}`,
        got: `${Math.round(bytes / 2 ** 20)} MiB`,
        expected: `${MOST_BYTES / 2 ** 20} MiB; fewer scans, or a larger --spacing`,
      });
    cases.push(scan);
    hashes.push(hash);
    onProgress(i + 1, scans.length, id);
  }
  return { cases, hashes };
}

export interface TrainDetectorOptions {
  readonly setup: DetectorSetup;
  readonly steps: number;
  readonly seed: number;
  readonly threads: number;
  /** Where the training stands, to go on after a stop. */
  readonly run: string;
  readonly signal: AbortSignal;
  readonly onStep: (step: number, loss: number) => void;
}

/**
 * Trains, or goes on where the same training was stopped.
 *
 * @throws INTERRUPTED with the checkpoint written; CHECKPOINT_MISMATCH where another training stands
 */
export async function trainDetector(
  { cases, hashes }: PreparedScans,
  { setup, steps, seed, threads, run, signal, onStep }: TrainDetectorOptions,
): Promise<ReadonlyMap<string, TensorValue>> {
  const giveBack = await lockRun(run);
  const file = join(run, 'checkpoint.safetensors');
  const runSha256 = sha256(JSON.stringify({ setup, steps, seed, hashes, findings: cases.map((one) => one.findings) }));
  try {
    const kept = await readCheckpoint(file, runSha256);
    const trainer = await createDetectorTrainer(cases, setup, { seed, threads, ...(kept && { resume: kept }) });
    const keep = (): Promise<void> =>
      writeCheckpoint(file, {
        step: trainer.step,
        seconds: 0,
        cpuSeconds: 0,
        revisions: [],
        states: trainer.save(),
        runSha256,
      });
    let saved = performance.now();
    while (trainer.step < steps) {
      if (signal.aborted) await keep();
      stopIfInterrupted(signal);
      onStep(trainer.step + 1, await trainer.advance(steps));
      if (performance.now() - saved < 1000 * CHECKPOINT_SECONDS) continue;
      await keep();
      saved = performance.now();
    }
    await keep();
    const weights = trainer.weights();
    await trainer.close();
    return weights;
  } finally {
    await giveBack();
  }
}

interface Asked {
  readonly setup: DetectorSetup;
  readonly weights: ReadonlyMap<string, TensorValue>;
  readonly threads: number;
  readonly most?: number;
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

export interface SearchedScan extends DetectedScan {
  readonly id: string;
  /** Of the file. */
  readonly hash: string;
}

/** What a detector finds in each scan, one at a time. */
export async function searchScans(
  scans: readonly MarkedScan[],
  { setup, weights, threads, most, signal, onProgress }: Asked,
): Promise<SearchedScan[]> {
  const detector = await createNoduleDetector({ setup, weights, threads });
  const searched: SearchedScan[] = [];
  for (const [i, { id, file, findings }] of scans.entries()) {
    const { volume, hash } = await readScan(file);
    const candidates = await detector.find(volume, { signal, ...(most !== undefined && { most }) });
    searched.push({ id, hash, findings, candidates });
    onProgress(i + 1, scans.length, id);
  }
  await detector.close();
  return searched;
}
