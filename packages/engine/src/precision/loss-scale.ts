import type { Tensor } from '../graph/tensor.ts';
import * as $ from '../ops/operations.ts';
import type { StateVariable } from '../runtime/compile.ts';

const FIRST = 65536;
const PATIENCE = 2000;
const LARGEST = 2 ** 127;

export interface LossScale {
  /** What the loss is multiplied by, float32 scalar. */
  readonly value: Tensor;
  /** Updates left out so far. */
  readonly skipped: Tensor;
  /** States `scaler.scale`, `scaler.good_steps` and `scaler.skipped`, given whether this run ends a step, and well. */
  states(ends: Tensor | undefined, finite: Tensor): Readonly<Record<string, StateVariable>>;
}

/**
 * A factor that keeps small gradients above half precision's smallest number: 65536 at first, doubled after 2000 good
 * steps on end, halved after a step whose gradients are not finite. A state of 0 stands for a scale not yet used.
 *
 * @source Micikevicius et al. 2018, Mixed Precision Training
 */
export function lossScale(): LossScale {
  const [scale, good, skipped] = [
    $.input('scaler.scale', []),
    $.input('scaler.good_steps', []),
    $.input('scaler.skipped', []),
  ];
  const value = $.where($.greater(scale, 0), scale, FIRST);
  return {
    value,
    skipped,
    states: (ends, finite) => {
      const counted = $.add(good, 1);
      const grown = $.where($.greaterOrEqual(counted, PATIENCE), $.minimum($.mul(value, 2), LARGEST), value);
      const next = $.where(finite, grown, $.mul(value, 0.5));
      const nextGood = $.where(finite, $.where($.greaterOrEqual(counted, PATIENCE), 0, counted), $.zerosLike(good));
      const nextSkipped = $.where(finite, skipped, $.add(skipped, 1));
      const atEnd = (moved: Tensor, before: Tensor): Tensor => (ends ? $.where(ends, moved, before) : moved);
      return {
        'scaler.scale': { current: scale, next: atEnd(next, scale) },
        'scaler.good_steps': { current: good, next: atEnd(nextGood, good) },
        'scaler.skipped': { current: skipped, next: atEnd(nextSkipped, skipped) },
      };
    },
  };
}

/** Whether a scalar is neither NaN nor infinite, bool. */
export function isFiniteScalar(x: Tensor): Tensor {
  return $.lessOrEqual($.abs(x), 3.4028234663852886e38);
}
