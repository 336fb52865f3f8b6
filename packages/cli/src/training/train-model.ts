import { join } from 'node:path';
import type { HistoryPoint } from '@vesalius/bundle';
import { settleLeftovers } from '@vesalius/bundle/files';
import { histogramBuckets, type Summary, type TensorValue } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  createBatchSource,
  createClickBatches,
  createSegmentationTrainer,
  type Sample,
  type SegmentationTrainer,
  type StepResult,
  setupOfPlan,
} from '@vesalius/medical';
import { METHOD_NETWORKS } from '@vesalius/methods';
import { type EventFile, openEventFile } from '../run/event-file.ts';
import type { Progress } from '../run/progress.ts';
import { resourceMeter } from '../run/resource-meter.ts';
import { makeRunFolder, type RunFolder } from '../run/run-folder.ts';
import { openRunLog, type RunLog } from '../run/run-log.ts';
import { writePictures } from '../run/write-pictures.ts';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { hashRun, type RunDescription } from './run-description.ts';
import type { BudgetRevision, StepBudget } from './step-budget.ts';
import type { Look } from './take-look.ts';

export interface TrainModelOptions {
  readonly description: RunDescription;
  readonly samples: readonly Sample[];
  readonly runFolder: string;
  /** Given what earlier parts of a resumed run decided. */
  readonly budget: (earlier: readonly BudgetRevision[]) => StepBudget;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Seconds between checkpoints. */
  readonly checkpointSeconds?: number;
  /** Tries the weights on unseen cases now and then, in about a fiftieth of the time. */
  readonly look?: (weights: ReadonlyMap<string, TensorValue>) => Promise<Look>;
}

export interface TrainedModel {
  readonly weights: Map<string, TensorValue>;
  readonly steps: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly revisions: readonly BudgetRevision[];
  readonly history: readonly HistoryPoint[];
}

const CHECKPOINT = 'latest.safetensors';
const CHECKPOINT_SECONDS = 20;
const LOG_EVERY = 5;
const HISTOGRAM_EVERY = 100;
const FIRST_LOOK_MS = 60_000;
const LOOK_SHARE = 1 / 50;

/**
 * Trains, logs and saves, from the run folder's checkpoint where there is one.
 *
 * @throws INTERRUPTED after saving, when the signal is given; CHECKPOINT_MISMATCH; NOT_FINITE when the training diverges
 */
export async function trainModel(options: TrainModelOptions): Promise<TrainedModel> {
  const { description, samples, runFolder } = options;
  const { seed, threads, plan } = description;
  const folder = await makeRunFolder(runFolder);
  const checkpointFile = join(folder.checkpoints, CHECKPOINT);
  await settleLeftovers(checkpointFile);
  const runSha256 = hashRun(description);
  const checkpoint = await readCheckpoint(checkpointFile, runSha256);
  const setup = setupOfPlan(plan, METHOD_NETWORKS);
  const createBatches = setup.interaction ? createClickBatches : createBatchSource;
  const trainer = await createSegmentationTrainer(setup, createBatches(samples, setup, seed), {
    seed,
    threads,
    ...(checkpoint && { resume: checkpoint }),
  });
  const log = openRunLog(folder.log, checkpoint?.step ?? 0);
  try {
    return await new Run(options, {
      trainer,
      folder,
      log,
      checkpoint,
      runSha256,
      batchSize: setup.batchSize,
    }).toTheEnd();
  } finally {
    log.close();
    await trainer.close();
  }
}

interface RunParts {
  readonly trainer: SegmentationTrainer;
  readonly folder: RunFolder;
  readonly log: RunLog;
  readonly checkpoint: Checkpoint | undefined;
  readonly runSha256: string;
  readonly batchSize: number;
}

class Run {
  readonly #options: TrainModelOptions;
  readonly #parts: RunParts;
  readonly #budget: StepBudget;
  readonly #started = performance.now();
  readonly #startedCpu = process.cpuUsage();
  readonly #history: HistoryPoint[];
  #saved = performance.now();
  #nextLook = performance.now() + FIRST_LOOK_MS;
  readonly #resources = resourceMeter();
  #smoothed: { loss: number; dice: number } | undefined;

  constructor(options: TrainModelOptions, parts: RunParts) {
    this.#options = options;
    this.#parts = parts;
    this.#budget = options.budget(parts.checkpoint?.revisions ?? []);
    this.#history = parts.log.earlier
      .filter(({ event, loss }) => event === 'step' && typeof loss === 'number')
      .map(historyPoint);
  }

  async toTheEnd(): Promise<TrainedModel> {
    const { trainer, folder, checkpoint } = this.#parts;
    const events = openEventFile(folder.path, (checkpoint?.step ?? 0) + 1);
    try {
      for (
        let total = this.#budget.totalSteps(trainer.step + 1);
        trainer.step < total;
        total = this.#budget.totalSteps(trainer.step + 1)
      ) {
        await this.#stopIfAsked();
        const result = await trainer.advance(total);
        this.#budget.observe(result.step, this.#seconds());
        this.#report(result, total, events);
        if (performance.now() - this.#saved > 1000 * (this.#options.checkpointSeconds ?? CHECKPOINT_SECONDS))
          await this.#save();
        if (performance.now() > this.#nextLook && result.step < total) await this.#look(result.step, events);
      }
      await this.#save();
    } finally {
      events.close();
    }
    const { revisions } = this.#budget;
    return {
      weights: trainer.weights(),
      steps: trainer.step,
      seconds: this.#seconds(),
      cpuSeconds: this.#cpuSeconds(),
      revisions,
      history: this.#history,
    };
  }

  #seconds(): number {
    return (this.#parts.checkpoint?.seconds ?? 0) + (performance.now() - this.#started) / 1000;
  }

  #cpuSeconds(): number {
    const { user, system } = process.cpuUsage(this.#startedCpu);
    return (this.#parts.checkpoint?.cpuSeconds ?? 0) + (user + system) / 1e6;
  }

  async #stopIfAsked(): Promise<void> {
    // Signals are delivered between tasks only, and a training step fills the one it runs in.
    await new Promise((resume) => setImmediate(resume));
    if (!this.#options.signal.aborted) return;
    await this.#save();
    const { trainer, folder } = this.#parts;
    throw new VesaliusError('INTERRUPTED', {
      what: 'training',
      got: `stopped after step ${trainer.step}; the same command goes on`,
      file: folder.path,
    });
  }

  async #save(): Promise<void> {
    const { trainer, folder, log } = this.#parts;
    await writeCheckpoint(join(folder.checkpoints, CHECKPOINT), {
      step: trainer.step,
      seconds: this.#seconds(),
      cpuSeconds: this.#cpuSeconds(),
      revisions: this.#budget.revisions,
      states: trainer.save(),
      runSha256: this.#parts.runSha256,
    });
    log.write({ event: 'checkpoint', step: trainer.step });
    this.#saved = performance.now();
  }

  #report(result: StepResult, total: number, events: EventFile): void {
    const { step, loss, dice, learningRate, gradientNorm, scaling } = result;
    if (Number.isFinite(loss)) this.#smoothed = smooth(this.#smoothed, result);
    const { progress } = this.#options;
    const seconds = this.#seconds();
    const samplesPerSecond =
      (this.#parts.batchSize * (step - (this.#parts.checkpoint?.step ?? 0))) /
      Math.max(1e-3, seconds - (this.#parts.checkpoint?.seconds ?? 0));
    progress.update({ done: step, total, ...this.#smoothed, samplesPerSecond });
    if (step % LOG_EVERY !== 0 && step !== 1 && step !== total) return;
    const record = {
      event: 'step',
      step,
      seconds,
      loss,
      dice,
      learningRate,
      gradientNorm,
      totalSteps: total,
      ...scaling,
    };
    this.#parts.log.write(record);
    if (Number.isFinite(loss)) this.#history.push(historyPoint(record));
    const scalars = {
      'train/loss': loss,
      'train/dice': dice,
      'train/learning_rate': learningRate,
      'train/gradient_norm': gradientNorm,
      ...(scaling && { 'train/loss_scale': scaling.lossScale, 'train/skipped_steps': scaling.skippedSteps }),
    };
    events.write(step, summariesOf(scalars));
    const resources = this.#resources.read();
    if (resources) {
      this.#parts.log.write({ event: 'resources', step, scalars: resources });
      events.write(step, summariesOf(resources));
    }
    if (step % HISTOGRAM_EVERY === 0) events.write(step, this.#histograms());
  }

  /** A look that fails ends no training. */
  async #look(step: number, events: EventFile): Promise<void> {
    const { look, signal } = this.#options;
    const { trainer, log, folder } = this.#parts;
    const began = performance.now();
    this.#nextLook = Number.POSITIVE_INFINITY;
    // A prediction takes memory beside the training's; one that is killed for it is worse off than one that is not seen.
    if (!look || process.availableMemory() < process.memoryUsage.rss()) return;
    try {
      const { dice, cases, pictures } = await look(trainer.weights());
      const scalars = Number.isFinite(dice) ? { 'validation/dice/sample': dice } : {};
      log.write({ event: 'validation', step, cases, scalars });
      events.write(step, summariesOf(scalars));
      const named = pictures.map(({ plane, png }) => ({ name: plane, png }));
      await writePictures(folder.path, step, named);
      this.#nextLook = performance.now() + Math.max(FIRST_LOOK_MS, (performance.now() - began) / LOOK_SHARE);
    } catch (error) {
      if (!signal.aborted)
        log.write({ event: 'validation', step, failed: error instanceof VesaliusError ? error.code : 'DEFECT' });
    }
  }

  #histograms(): { kind: 'histogram'; tag: string; buckets: ReturnType<typeof histogramBuckets> }[] {
    return [...this.#parts.trainer.weights()].map(([name, { data }]) => ({
      kind: 'histogram',
      tag: `weights/${name}`,
      buckets: histogramBuckets(data as Float32Array),
    }));
  }
}

function summariesOf(scalars: Readonly<Record<string, number>>): Summary[] {
  return Object.entries(scalars).map(([tag, value]) => ({ kind: 'scalar', tag, value }));
}

function historyPoint(record: { readonly [field: string]: unknown }): HistoryPoint {
  const { step, seconds, loss, dice } = record as { step: number; seconds: number; loss: number; dice: number };
  return { step, seconds, loss, dice };
}

/** Over about twenty steps. */
function smooth(
  before: { loss: number; dice: number } | undefined,
  { loss, dice }: StepResult,
): { loss: number; dice: number } {
  if (!before) return { loss, dice };
  return { loss: 0.9 * before.loss + 0.1 * loss, dice: 0.9 * before.dice + 0.1 * dice };
}
