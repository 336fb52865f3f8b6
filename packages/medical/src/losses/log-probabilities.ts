import { ops as $, type Tensor } from '@vesalius/engine';

/**
 * Logarithm of the softmax over channels, `[B, C, ...S]`: by parts, since few channels with much space behind them are
 * summed four times faster than a softmax along that axis runs.
 */
export function logProbabilities(logits: Tensor): Tensor {
  return $.sub(logits, $.logSumExp(logits, [1]));
}
