import type { Tensor } from '../graph/tensor.ts';
import * as $ from '../ops/operations.ts';
import type { Optimizer, UpdateContext } from './optimizer.ts';

export interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/**
 * Adam; weight decay is added to the gradient.
 *
 * @source Kingma and Ba 2015
 * @parity torch.optim.Adam
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { weightDecay = 0 } = options;
  return {
    update: (parameter, gradient, context) => {
      const g = weightDecay === 0 || !context.decays ? gradient : $.add(gradient, $.mul(parameter, weightDecay));
      return $.sub(parameter, adamStep(g, context, options));
    },
  };
}

/**
 * Adam with weight decay apart from the gradient.
 *
 * @source Loshchilov and Hutter 2019
 * @parity torch.optim.AdamW
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  const { weightDecay = 0.01 } = options;
  return {
    update: (parameter, gradient, context) => {
      const decayed = context.decays ? $.mul(parameter, $.sub(1, $.mul(context.learningRate, weightDecay))) : parameter;
      return $.sub(decayed, adamStep(gradient, context, options));
    },
  };
}

function adamStep(g: Tensor, { learningRate, step, slot, setSlot }: UpdateContext, options: AdamOptions): Tensor {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const first = $.add($.mul(slot('first_moment'), beta1), $.mul(g, 1 - beta1));
  const second = $.add($.mul(slot('second_moment'), beta2), $.mul($.mul(g, g), 1 - beta2));
  setSlot('first_moment', first);
  setSlot('second_moment', second);
  const correct = (beta: number): Tensor => $.sub(1, $.pow(beta, step));
  // The second moment's correction enters as a factor of the scalars: one pass over the parameter less.
  const root = $.sqrt(correct(beta2));
  const deviation = $.add($.sqrt(second), $.mul(root, epsilon));
  return $.mul($.div(first, deviation), $.div($.mul(learningRate, root), correct(beta1)));
}
