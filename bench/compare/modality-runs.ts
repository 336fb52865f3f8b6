import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { elementCount, readSafetensors, type TensorValue, writeSafetensors } from '@vesalius/engine';
import { computeDice, type LabelMap, type Sample } from '@vesalius/medical';
import {
  createModalityBatches,
  createModalityPredictor,
  createModalityTrainer,
  type ModalityPredictor,
  type ModalitySetup,
  type ModalityTrainer,
} from '@vesalius/methods';
import type { Results } from '../results-store.ts';
import { type ModalityCase, type ModalityData, withModalities } from './modality-cases.ts';
import { type ModalityMethod, SETUP } from './modality-methods.ts';

const THREADS = 1;
const CHECKPOINT_SECONDS = 60;
const OVERLAP = 0.25;

export interface ModalityRun {
  readonly method: ModalityMethod;
  readonly seed: number;
  readonly fold: number;
  readonly training: readonly ModalityCase[];
  readonly tested: readonly ModalityCase[];
  readonly steps: number;
}

/** More to measure on a trained network than its Dice scores. */
export interface Inspection {
  /** Whether a run's numbers are not there yet. */
  readonly missing: (run: ModalityRun) => boolean;
  readonly measure: (run: ModalityRun, weights: ReadonlyMap<string, TensorValue>) => Promise<void>;
}

export interface RunContext {
  readonly set: ModalityData;
  readonly results: Results;
  /** Where checkpoints lie until a run is measured; of another code, another folder. */
  readonly checkpoints: string;
  readonly inspection?: Inspection;
  readonly log: (line: string) => void;
}

/** Columns of a row beside the Dice score of each region. */
export const RUN_COLUMNS = ['share0', 'share1', 'share2', 'share3', 'parameters', 'steps', 'cpuSeconds'] as const;

/** `mmFormer s0 f1 CASE 1011` */
export function rowName(
  { method, seed, fold }: Pick<ModalityRun, 'method' | 'seed' | 'fold'>,
  id: string,
  subset: readonly number[],
): string {
  return [method.name, `s${seed}`, `f${fold}`, id, subset.join('')].join(' ');
}

/** Trains where rows are missing, goes on from its checkpoint where it was stopped, and measures every subset of every tested case. */
export async function carryOut(run: ModalityRun, context: RunContext): Promise<void> {
  const missing = run.tested.filter(({ id }) =>
    run.method.subsets.some((subset) => !context.results.has(rowName(run, id, subset))),
  );
  const inspected = context.inspection?.missing(run) ?? false;
  if (missing.length === 0 && !inspected) return;
  const setup = setupOf(run, context.set);
  const trained = await train(run, setup, context);
  const model = run.method.model(setup.classes);
  const predictor = await createModalityPredictor(model, {
    setup,
    weights: trained.weights,
    overlap: OVERLAP,
    threads: THREADS,
  });
  for (const one of missing) await measureCase(one, { run, predictor, trained, context });
  await predictor.close();
  if (inspected) await context.inspection?.measure(run, trained.weights);
  rmSync(checkpointOf(run, context), { force: true });
}

function setupOf({ method }: ModalityRun, { values }: ModalityData): ModalitySetup {
  return {
    ...SETUP,
    channels: method.modalities.length,
    classes: values.length,
    modalityDropout: method.dropout,
    learningRate: { name: 'poly', base: method.learningRate, warmupSteps: 20 },
  };
}

interface Trained {
  readonly weights: ReadonlyMap<string, TensorValue>;
  readonly cpuSeconds: number;
}

function checkpointOf({ method, seed, fold, steps }: ModalityRun, { checkpoints }: RunContext): string {
  return join(checkpoints, `${method.name}-s${seed}-f${fold}-${steps}.safetensors`);
}

async function train(run: ModalityRun, setup: ModalitySetup, context: RunContext): Promise<Trained> {
  const { method, seed, steps, training } = run;
  const file = checkpointOf(run, context);
  const samples = training.map((one) => withModalities(one, method.modalities));
  const batches = createModalityBatches(samples, setup, seed);
  const kept = existsSync(file) ? readSafetensors(readFileSync(file), file) : undefined;
  const resume = kept && { states: kept.tensors as Map<string, TensorValue>, step: Number(kept.metadata['step']) };
  const earlier = Number(kept?.metadata['cpuSeconds'] ?? 0);
  const trainer = await createModalityTrainer(method.model(setup.classes), {
    setup,
    batches,
    seed,
    threads: THREADS,
    ...(resume && { resume }),
  });
  const started = process.cpuUsage();
  const seconds = (): number => {
    const { user, system } = process.cpuUsage(started);
    return earlier + (user + system) / 1e6;
  };
  let saved = performance.now();
  let smooth = Number.NaN;
  while (trainer.step < steps) {
    const loss = await trainer.advance(steps);
    smooth = Number.isNaN(smooth) ? loss : 0.95 * smooth + 0.05 * loss;
    if (performance.now() - saved < 1000 * CHECKPOINT_SECONDS) continue;
    keep(file, trainer, seconds());
    saved = performance.now();
    context.log(
      `${method.name} seed ${seed} fold ${run.fold}: step ${trainer.step} of ${steps}, loss ${smooth.toFixed(3)}`,
    );
  }
  keep(file, trainer, seconds());
  const weights = trainer.weights();
  await trainer.close();
  return { weights, cpuSeconds: seconds() };
}

/** Whole or not at all: a run killed while writing must not spoil the last checkpoint. */
function keep(file: string, trainer: ModalityTrainer, cpuSeconds: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const states = trainer.save() as Parameters<typeof writeSafetensors>[0];
  const metadata = { step: String(trainer.step), cpuSeconds: String(cpuSeconds) };
  writeFileSync(`${file}.part`, writeSafetensors(states, metadata));
  renameSync(`${file}.part`, file);
}

interface Measured {
  readonly run: ModalityRun;
  readonly predictor: ModalityPredictor;
  readonly trained: Trained;
  readonly context: RunContext;
}

async function measureCase(one: ModalityCase, { run, predictor, trained, context }: Measured): Promise<void> {
  const { set, results, log } = context;
  const sample = withModalities(one, run.method.modalities);
  const image = sample.images['image'] as Sample['images'][string];
  const truth = sample.labels['label']?.data as Uint8Array;
  const parameters = [...trained.weights.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  for (const subset of run.method.subsets) {
    const name = rowName(run, one.id, subset);
    if (results.has(name)) continue;
    const mask = run.method.modalities.map((m) => subset[m] as number);
    const { probabilities, shares } = await predictor.predict(image, mask);
    const found = mostProbable(probabilities, truth.length);
    const dice = regionDice(found, truth, { set, sample });
    const readings = (shares['attention'] ?? []).map((value, m) => [`share${m}`, value] as const);
    const cost = { parameters, steps: run.steps, cpuSeconds: trained.cpuSeconds };
    results.append(name, { ...dice, ...Object.fromEntries(readings), ...cost });
    const scores = Object.entries(dice).map(([region, value]) => `${region} ${value.toFixed(3)}`);
    if (subset === run.method.subsets.at(-1)) log(`${name}: ${scores.join('  ')}`);
  }
}

function mostProbable(probabilities: Float32Array, voxels: number): Uint8Array {
  const found = new Uint8Array(voxels);
  for (let at = voxels; at < probabilities.length; at++) {
    const voxel = at % voxels;
    const best = (found[voxel] as number) * voxels + voxel;
    if ((probabilities[at] as number) > (probabilities[best] as number)) found[voxel] = Math.floor(at / voxels);
  }
  return found;
}

function regionDice(
  found: Uint8Array,
  truth: Uint8Array,
  { set, sample }: { readonly set: ModalityData; readonly sample: Sample },
): Record<string, number> {
  const { shape, spacingMm } = sample.labels['label'] as Sample['labels'][string];
  const map = (numbers: Uint8Array, classes: readonly number[]): LabelMap => ({
    voxels: numbers.map((value) => (classes.includes(value) ? 1 : 0)),
    size: [shape[3], shape[2], shape[1]],
    spacingMm,
  });
  const of = ([name, classes]: readonly [string, readonly number[]]) => {
    const [dice] = computeDice(map(found, classes), map(truth, classes), {
      numClasses: 2,
      includeBackground: false,
      ignoreEmpty: false,
    });
    return [name, dice ?? Number.NaN] as const;
  };
  return Object.fromEntries(Object.entries(set.regions).map(of));
}
