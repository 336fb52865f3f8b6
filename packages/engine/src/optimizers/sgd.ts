import * as $ from '../ops/operations.ts';
import type { Optimizer } from './optimizer.ts';

export interface SgdOptions {
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent: v = momentum v + g, p -= lr v; Nesterov steps along g + momentum v.
 *
 * @source Sutskever et al. 2013, in PyTorch's form
 * @parity torch.optim.SGD
 */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  return {
    update: (parameter, gradient, { learningRate, decays, slot, setSlot }) => {
      const g = weightDecay === 0 || !decays ? gradient : $.add(gradient, $.mul(parameter, weightDecay));
      if (momentum === 0) return $.sub(parameter, $.mul(g, learningRate));
      const velocity = $.add($.mul(slot('momentum'), momentum), g);
      setSlot('momentum', velocity);
      const direction = nesterov ? $.add(g, $.mul(velocity, momentum)) : velocity;
      return $.sub(parameter, $.mul(direction, learningRate));
    },
  };
}
