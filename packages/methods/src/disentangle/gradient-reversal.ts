import { ops as $, type Tensor } from '@vesalius/engine';

/**
 * The same values, but gradients come back with the other sign: what follows learns its task, what came before unlearns it.
 *
 * @param strength - factor of the gradients that come back
 * @source Ganin and Lempitsky 2015, Unsupervised domain adaptation by backpropagation
 */
export function reverseGradient(x: Tensor, strength: number): Tensor {
  return $.sub($.stopGradient($.mul(x, 1 + strength)), $.mul(x, strength));
}
