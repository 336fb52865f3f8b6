import type { Tensor } from '../graph/tensor.ts';
import type { Variable } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import type { StateVariable } from '../runtime/compile.ts';
import type { Optimizer, UpdateContext } from './optimizer.ts';

export interface ParameterUpdate extends Pick<UpdateContext, 'learningRate' | 'step' | 'decays'> {
  readonly optimizer: Optimizer;
  readonly gradient: Tensor;
  readonly emaDecay: Tensor | number | undefined;
}

/** One parameter's step: its own state, those of the optimizer (`<slot>.<name>`) and the moving average (`ema.<name>`). */
export function updateParameter({ name, tensor }: Variable, update: ParameterUpdate): Record<string, StateVariable> {
  const { optimizer, gradient, emaDecay, learningRate, step, decays } = update;
  const slots = new Map<string, { current: Tensor; next?: Tensor }>();
  const slotOf = (slot: string): { current: Tensor; next?: Tensor } => {
    const known = slots.get(slot) ?? { current: $.input(`${slot}.${name}`, tensor.shape) };
    slots.set(slot, known);
    return known;
  };
  const next = optimizer.update(tensor, gradient, {
    learningRate,
    step,
    decays,
    slot: (slot) => slotOf(slot).current,
    setSlot: (slot, value) => {
      slotOf(slot).next = value;
    },
  });
  const states: Record<string, StateVariable> = { [name]: { current: tensor, next } };
  for (const [slot, state] of slots) states[`${slot}.${name}`] = { ...state, overwritten: true };
  if (emaDecay !== undefined) states[`ema.${name}`] = movingAverage(name, next, emaDecay);
  return states;
}

function movingAverage(name: string, next: Tensor, decay: Tensor | number): StateVariable {
  const current = $.input(`ema.${name}`, next.shape);
  return {
    current,
    next: $.add($.mul(current, decay), $.mul(next, typeof decay === 'number' ? 1 - decay : $.sub(1, decay))),
  };
}
