import {
  compile,
  type Executable,
  initialValues,
  RANDOM_KEY,
  type RuntimeOptions,
  randomKeyOf,
  scalarValue,
  type TensorValue,
} from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { guidanceChannels } from '../interactive/guidance.ts';
import { learningRateAt } from './learning-rate.ts';
import { lossOfStep } from './loss-of-step.ts';
import { buildTrainingGraph, spatialShape } from './segmentation-graphs.ts';
import type { BatchSource } from './training-batches.ts';
import type { SegmentationSetup } from './training-setup.ts';

export interface StepResult {
  /** From 1. */
  readonly step: number;
  readonly loss: number;
  /** Soft Dice of the batch. */
  readonly dice: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** In mixed precision. */
  readonly scaling?: {
    /** What the loss was multiplied by. */
    readonly lossScale: number;
    /** Steps left out so far, since their gradients overflowed. */
    readonly skippedSteps: number;
  };
}

/** Trains one network. A step depends on the setup, the seed, its number and the states alone, so it can be repeated. */
export interface SegmentationTrainer {
  /** Steps done. */
  readonly step: number;
  /** @param totalSteps - of the whole training as known now; decides the learning rate */
  advance(totalSteps: number): Promise<StepResult>;
  /** Copies of everything that changes from step to step, to go on from. */
  save(): Map<string, TensorValue>;
  /** The moving average of the weights, by the network's names: the result. */
  weights(): Map<string, TensorValue>;
  close(): Promise<void>;
}

export interface TrainerOptions extends RuntimeOptions {
  readonly seed: number;
  /** What `save` gave, and the number of steps done then. */
  readonly resume?: { readonly states: ReadonlyMap<string, TensorValue>; readonly step: number };
}

/** @throws CHECKPOINT_MISMATCH when the states to resume from belong to another network */
export async function createSegmentationTrainer(
  setup: SegmentationSetup,
  batches: BatchSource,
  options: TrainerOptions,
): Promise<SegmentationTrainer> {
  const { program, variables } = buildTrainingGraph(setup);
  const executable = await compile(program, { ...options, freesEarly: setup.precision === 'mixed' });
  if (options.resume) restore(executable, options.resume.states, batches);
  else {
    for (const [name, value] of initialValues(variables, options.seed)) {
      executable.writeState(name, value);
      if (executable.stateNames.includes(`ema.${name}`)) executable.writeState(`ema.${name}`, value);
    }
  }
  return new Trainer(setup, batches, {
    executable,
    seed: options.seed,
    step: options.resume?.step ?? 0,
    names: variables.map(({ name }) => name),
  });
}

function restore(executable: Executable, saved: ReadonlyMap<string, TensorValue>, batches: BatchSource): void {
  const names = new Set(executable.stateNames);
  const states = batches.restore ? new Map([...saved].filter(([name]) => names.has(name))) : saved;
  batches.restore?.(saved);
  const missing = executable.stateNames.find((name) => !states.has(name));
  if (missing !== undefined || states.size !== executable.stateNames.length) {
    throw new VesaliusError('CHECKPOINT_MISMATCH', {
      what: 'states to resume from',
      got: missing === undefined ? `${states.size} states` : `no ${missing}`,
      expected: `${executable.stateNames.length} states`,
    });
  }
  for (const [name, value] of states) executable.writeState(name, value);
}

interface TrainerState {
  readonly executable: Executable;
  readonly names: readonly string[];
  readonly seed: number;
  step: number;
}

class Trainer implements SegmentationTrainer {
  readonly #setup: SegmentationSetup;
  readonly #batches: BatchSource;
  readonly #state: TrainerState;

  constructor(setup: SegmentationSetup, batches: BatchSource, state: TrainerState) {
    this.#setup = setup;
    this.#batches = batches;
    this.#state = state;
  }

  get step(): number {
    return this.#state.step;
  }

  async advance(totalSteps: number): Promise<StepResult> {
    const step = this.#state.step + 1;
    const { image, label, guidance } = this.#batches.batch(step);
    const { batchSize, channels, classes, patchSize } = this.#setup;
    const space = spatialShape(patchSize);
    const learningRate = learningRateAt(this.#setup.learningRate, step, totalSteps);
    const outputs = await this.#state.executable.run({
      image: { shape: [batchSize, channels, ...space], dtype: 'float32', data: image },
      label: { shape: [batchSize, 1, ...space], dtype: 'float32', data: label },
      ...(guidance && {
        guidance: { shape: [batchSize, guidanceChannels(classes), ...space], dtype: 'float32', data: guidance },
      }),
      learning_rate: scalarValue(learningRate),
      step: scalarValue(step),
      [RANDOM_KEY]: randomKeyOf(this.#state.seed, step),
    });
    const read = (name: string): number => Number(outputs[name]?.data[0]);
    const loss = lossOfStep(outputs, step);
    const result = { step, loss, dice: read('dice'), learningRate, gradientNorm: read('gradient_norm') };
    this.#state.step = step;
    if (outputs['probabilities']) this.#batches.answered?.(outputs['probabilities'].data as Float32Array);
    if (this.#setup.precision !== 'mixed') return result;
    const skippedSteps = Number(this.#state.executable.readState('scaler.skipped').data[0]);
    return { ...result, scaling: { lossScale: read('loss_scale'), skippedSteps } };
  }

  save(): Map<string, TensorValue> {
    const states = this.#state.executable.stateNames.map((name) => [name, this.#copy(name)] as const);
    return new Map([...states, ...(this.#batches.save?.() ?? [])]);
  }

  weights(): Map<string, TensorValue> {
    const { executable, names } = this.#state;
    const averaged = (name: string): string => (executable.stateNames.includes(`ema.${name}`) ? `ema.${name}` : name);
    return new Map(names.map((name) => [name, this.#copy(averaged(name))]));
  }

  close(): Promise<void> {
    return this.#state.executable.close();
  }

  #copy(name: string): TensorValue {
    const value = this.#state.executable.readState(name);
    return { ...value, data: value.data.slice() };
  }
}
