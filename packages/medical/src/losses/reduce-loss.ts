import { ops as $, type Tensor } from '@vesalius/engine';

/** What becomes of the parts of a loss: their mean, their sum, or the parts themselves. */
export type LossReduction = 'mean' | 'sum' | 'none';

/** @returns a scalar, or the values as they are for `none` */
export function reduceLoss(values: Tensor, reduction: LossReduction = 'mean'): Tensor {
  if (reduction === 'none') return values;
  return $.reshape(reduction === 'mean' ? $.mean(values) : $.sum(values), []);
}
