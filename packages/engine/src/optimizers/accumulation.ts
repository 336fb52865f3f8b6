import { VesaliusError } from '@vesalius/errors';
import type { Tensor } from '../graph/tensor.ts';
import type { Variable } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import type { StateVariable } from '../runtime/compile.ts';

export interface Accumulated {
  /** Mean of the gradients of this step's runs so far. */
  readonly gradients: readonly Tensor[];
  /** Whether this run is the last of its step, bool scalar. */
  readonly ends: Tensor;
  /** `accumulated.<name>` and `accumulated_runs`. */
  readonly states: Readonly<Record<string, StateVariable>>;
}

/** Gradients gathered over several runs: sums are kept as states, and start again after each step. */
export function accumulate(variables: readonly Variable[], gradients: readonly Tensor[], runs: number): Accumulated {
  if (!Number.isInteger(runs) || runs < 1) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'accumulate',
      got: runs,
      expected: 'a whole number of runs from 1',
    });
  }
  const before = $.input('accumulated_runs', []);
  const counted = $.add(before, 1);
  const ends = $.greaterOrEqual(counted, runs);
  const sums = variables.map(({ name, tensor }, i) => {
    const current = $.input(`accumulated.${name}`, tensor.shape);
    return { name, current, sum: $.add(current, $.mul(gradients[i] as Tensor, 1 / runs)) };
  });
  const states = sums.map(
    ({ name, current, sum }) => [`accumulated.${name}`, { current, next: $.where(ends, 0, sum) }] as const,
  );
  return {
    gradients: sums.map(({ sum }) => sum),
    ends,
    states: { ...Object.fromEntries(states), accumulated_runs: { current: before, next: $.where(ends, 0, counted) } },
  };
}
