import type { Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { type PerAxis, perAxis } from './per-axis.ts';

/**
 * Refuses what a network that halves and doubles cannot put together again.
 *
 * @param strides - of all levels
 * @throws SHAPE_MISMATCH unless x is `[B, C, ...S]` with 2 or 3 spatial axes, each a multiple of its strides' product
 */
export function assertInput(network: string, x: Tensor, strides: readonly PerAxis[] = []): void {
  const axes = x.shape.length - 2;
  if (axes !== 2 && axes !== 3) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: `${network}: input`,
      got: x.shape,
      expected: '[B, C, H, W] or [B, C, D, H, W]',
    });
  }
  const factors = strides
    .map((s) => perAxis(s, axes))
    .reduce((a, b) => a.map((f, i) => f * (b[i] as number)), perAxis(1, axes));
  const space = x.shape.slice(2);
  if (space.some((size, i) => size % (factors[i] as number) !== 0)) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: `${network}: spatial size of the input`,
      got: space,
      expected: `multiples of [${factors.join(', ')}], the product of the strides`,
    });
  }
}

/** @throws INVALID_ARGUMENT unless the condition holds */
export function assertOption(holds: boolean, what: string, got: unknown, expected: string): void {
  if (!holds) throw new VesaliusError('INVALID_ARGUMENT', { what, got, expected });
}
