import { existsSync } from 'node:fs';
import { readFileBytes, sha256, writeFileAtomic } from '@vesalius/bundle/files';
import {
  Random,
  type RuntimeOptions,
  readSafetensors,
  type TensorValue,
  type WeightMap,
  writeSafetensors,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import {
  alignFilm,
  type ContrastiveSetup,
  createContrastiveTrainer,
  drawViews,
  type Films,
  frameOf,
  type Placement,
} from '@vesalius/methods';
import { stopIfInterrupted } from '../interruption.ts';

/** Where films come from, a few at a time. */
export interface FilmSource {
  readonly count: number;
  read(films: readonly number[]): Promise<Films>;
}

export interface PretrainOptions extends RuntimeOptions {
  readonly setup: ContrastiveSetup;
  readonly steps: number;
  readonly seed: number;
  /** The largest, after a warm-up of a twentieth of the steps; it falls along a cosine. 1e-3 by default. */
  readonly learningRate?: number;
  /** Where the training stands, to go on after a stop; removed by nobody. */
  readonly checkpoint?: { readonly file: string; readonly everySteps: number; readonly data: string };
  readonly signal?: AbortSignal;
  readonly onStep?: (step: number, loss: number) => void;
}

export interface Pretrained {
  /** Of the encoder, and of what projects its places. */
  readonly weights: Map<string, Float32Array>;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Mean over the last tenth of the steps that were taken here. */
  readonly loss: number;
}

const ALIGNED_AT_ONCE = 256;

/** Where each film shows the common frame, for the method that asks for it; a few hundred films are in memory at once. */
async function placeFilms(source: FilmSource, signal?: AbortSignal): Promise<Placement[]> {
  const sampled = Math.min(400, source.count);
  const frame = frameOf(
    await source.read(Array.from({ length: sampled }, (_, i) => Math.floor((i * source.count) / sampled))),
  );
  const placements: Placement[] = [];
  for (let from = 0; from < source.count; from += ALIGNED_AT_ONCE) {
    stopIfInterrupted(signal);
    const part = Array.from({ length: Math.min(ALIGNED_AT_ONCE, source.count - from) }, (_, i) => from + i);
    const films = await source.read(part);
    placements.push(...part.map((_, i) => alignFilm(films, i, frame)));
  }
  return placements;
}

/**
 * Teaches an encoder without labels. Each step draws what the seed and its number say, so that a stopped training goes on as if it had not.
 *
 * @throws CHECKPOINT_MISMATCH when the checkpoint belongs to another training; INTERRUPTED after it was written
 */
export async function pretrainEncoder(source: FilmSource, options: PretrainOptions): Promise<Pretrained> {
  const { setup, steps, seed, signal, checkpoint, onStep, learningRate = 1e-3, ...runtime } = options;
  const run = sha256(JSON.stringify({ setup, steps, seed, learningRate, data: checkpoint?.data }));
  const placements = setup.method === 'anatomy' ? await placeFilms(source, signal) : undefined;
  const trainer = await createContrastiveTrainer(setup, { ...runtime, seed });
  const kept = checkpoint && (await readState(checkpoint.file, run));
  if (kept) trainer.restore(kept.states);
  const losses: number[] = [];
  try {
    for (let step = (kept?.step ?? 0) + 1; step <= steps; step++) {
      const random = new Random(seed).fork(step);
      const chosen = drawDifferent(source.count, setup.batchSize, random);
      const placed = placements && { placements: chosen.map((film) => placements[film] as Placement) };
      const batch = drawViews(
        await source.read(chosen),
        chosen.map((_, i) => i),
        random,
        { ...setup, ...placed },
      );
      const loss = await trainer.step(batch, {
        step,
        learningRate: learningRate * schedule(step, steps),
        teacherDecay: 1 - 0.005 * (1 + Math.cos((Math.PI * step) / steps)),
      });
      losses.push(loss);
      onStep?.(step, loss);
      const stopped = signal?.aborted ?? false;
      if (checkpoint && (stopped || step % checkpoint.everySteps === 0 || step === steps))
        await writeState(checkpoint.file, { run, step, states: trainer.states() });
      stopIfInterrupted(signal);
    }
    const last = losses.slice(-Math.ceil(steps / 10));
    const shapes = new Map([...trainer.states()].map(([name, { shape }]) => [name, shape]));
    return { weights: trainer.weights(), shapes, loss: last.reduce((sum, loss) => sum + loss, 0) / last.length };
  } finally {
    await trainer.close();
  }
}

function schedule(step: number, steps: number): number {
  const warm = Math.max(1, steps / 20);
  return step < warm ? step / warm : 0.5 * (1 + Math.cos((Math.PI * (step - warm)) / (steps - warm + 1)));
}

function drawDifferent(count: number, batchSize: number, random: Random): number[] {
  if (count < batchSize)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'films',
      got: count,
      expected: `at least a batch of ${batchSize}`,
    });
  const drawn = new Set<number>();
  while (drawn.size < batchSize) drawn.add(random.integer(count));
  return [...drawn];
}

interface Standing {
  readonly step: number;
  readonly states: ReadonlyMap<string, TensorValue>;
}

async function writeState(file: string, { run, step, states }: Standing & { readonly run: string }): Promise<void> {
  await writeFileAtomic(file, writeSafetensors(states as WeightMap, { run, step: String(step) }));
}

async function readState(file: string, run: string): Promise<Standing | undefined> {
  if (!existsSync(file)) return undefined;
  const { tensors, metadata } = readSafetensors(await readFileBytes(file), file);
  if (metadata['run'] !== run)
    throw new VesaliusError('CHECKPOINT_MISMATCH', {
      what: 'the folder holds a training with other data or options',
      expected: 'the same command, or another folder',
      file,
    });
  return { step: Number(metadata['step']), states: tensors as unknown as ReadonlyMap<string, TensorValue> };
}
