import { ops as $, type Tensor } from '@vesalius/engine';

/**
 * 1 where a number is above 0, else 0: of what two modalities show alike, nothing is left to tell them by. Gradients come back as those of
 * a steep sigmoid would.
 *
 * @source Bengio et al. 2013, straight-through estimator; Chartsias et al. 2019, binary anatomy of a factorised representation
 */
export function binaryCode(x: Tensor): Tensor {
  const soft = $.sigmoid($.mul(x, 4));
  const hard = $.cast($.greater(x, 0), x.dtype);
  return $.add(soft, $.stopGradient($.sub(hard, soft)));
}
