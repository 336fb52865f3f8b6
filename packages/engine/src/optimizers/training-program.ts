import { gradients } from '../autodiff/gradients.ts';
import type { Tensor } from '../graph/tensor.ts';
import { Random } from '../random/random.ts';
import type { Variable } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import type { Program, StateVariable } from '../runtime/compile.ts';
import type { TensorValue } from '../runtime/tensor-value.ts';
import type { Optimizer } from './optimizer.ts';

export const LEARNING_RATE = 'learning_rate';
export const STEP = 'step';

export interface TrainingProgramOptions {
  /** Scalar to make small. */
  readonly loss: Tensor;
  readonly variables: readonly Variable[];
  readonly optimizer: Optimizer;
  /** The gradients' common norm is scaled down to this. */
  readonly clipNorm?: number;
  /** Decay of a moving average of the parameters, kept as states `ema.<name>`. */
  readonly emaDecay?: number;
  /** More values to read after each step. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
}

/**
 * One training step as a graph: forward, backward, clipping, update. Feeds are those of the loss, and the scalars
 * `learning_rate` and `step` (from 1). Outputs are `loss`, `gradient_norm` and those asked for.
 */
export function trainingProgram(options: TrainingProgramOptions): Program {
  const { loss, variables, optimizer, clipNorm, emaDecay, outputs = {} } = options;
  const trained = variables.filter((variable) => variable.trainable);
  const raw = gradients(loss, trained.map((variable) => variable.tensor));
  const norm = $.sqrt(raw.map((g) => $.reshape($.sum($.square(g)), [])).reduce((a, b) => $.add(a, b)));
  const scale = clipNorm === undefined ? undefined : $.minimum($.div(clipNorm, $.add(norm, 1e-6)), 1);
  const states: Record<string, StateVariable> = {};
  const learningRate = $.input(LEARNING_RATE, []);
  const step = $.input(STEP, []);
  for (const [i, { name, tensor }] of trained.entries()) {
    const gradient = scale ? $.mul(raw[i] as Tensor, scale) : (raw[i] as Tensor);
    const slots = new Map<string, { current: Tensor; next?: Tensor }>();
    const slotOf = (slot: string): { current: Tensor; next?: Tensor } => {
      const known = slots.get(slot) ?? { current: $.input(`${slot}.${name}`, tensor.shape) };
      slots.set(slot, known);
      return known;
    };
    const next = optimizer.update(tensor, gradient, {
      learningRate,
      step,
      slot: (slot) => slotOf(slot).current,
      setSlot: (slot, value) => {
        slotOf(slot).next = value;
      },
    });
    states[name] = { current: tensor, next };
    for (const [slot, state] of slots) states[`${slot}.${name}`] = state;
    if (emaDecay !== undefined) states[`ema.${name}`] = movingAverage(name, next, emaDecay);
  }
  for (const { name, tensor, trainable, next } of variables) {
    if (!trainable) states[name] = next ? { current: tensor, next } : { current: tensor };
  }
  return { outputs: { loss: $.reshape(loss, []), gradient_norm: norm, ...outputs }, states };
}

function movingAverage(name: string, next: Tensor, decay: number): StateVariable {
  const current = $.input(`ema.${name}`, next.shape);
  return { current, next: $.add($.mul(current, decay), $.mul(next, 1 - decay)) };
}

/** First values of every variable; the moving averages start at the same. */
export function initialValues(variables: readonly Variable[], seed: number): Map<string, TensorValue> {
  const values = variables.map(({ name, tensor, initializer }) => {
    const data = initializer(tensor.shape, new Random(seed).fork(name));
    return [name, { shape: tensor.shape, dtype: tensor.dtype, data }] as const;
  });
  return new Map(values);
}
