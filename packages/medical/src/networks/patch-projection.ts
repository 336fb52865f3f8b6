import { ops as $, elementCount, linear, range, type Scope, type Tensor, uniformByFanIn } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

/**
 * Patches as rows: `[B, C, ...S]` -> `[B, patches, values]`, patches in the order of space.
 *
 * @param order - values of a patch by channel first, or by channel last
 * @throws SHAPE_MISMATCH unless the sizes are multiples of the patch's
 */
function patchRows(x: Tensor, patchSize: readonly number[], order: 'channelFirst' | 'channelLast'): Tensor {
  const [batch = 1, channels = 1, ...space] = x.shape;
  if (space.length !== patchSize.length || space.some((size, i) => size % (patchSize[i] as number) !== 0)) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'patches: spatial size',
      got: space,
      expected: `multiples of [${patchSize.join(', ')}]`,
    });
  }
  const apart = $.reshape(x, [
    batch,
    channels,
    ...space.flatMap((size, i) => [size / (patchSize[i] as number), patchSize[i] as number]),
  ]);
  const [places, within] = [range(space.length).map((i) => 2 + 2 * i), range(space.length).map((i) => 3 + 2 * i)];
  const values = order === 'channelFirst' ? [1, ...within] : [...within, 1];
  return $.reshape($.transpose(apart, [0, ...places, ...values]), [batch, -1, channels * elementCount(patchSize)]);
}

/**
 * Each patch projected to one token: a convolution whose stride is its kernel, computed as one matrix product.
 * Parameters `weight` `[outChannels, C, ...patchSize]` and `bias`.
 *
 * @param x - `[B, C, ...S]`
 * @returns `[B, patches, outChannels]`
 * @throws SHAPE_MISMATCH unless the sizes are multiples of the patch's
 */
export function patchConvolution(
  scope: Scope,
  x: Tensor,
  { outChannels, patchSize }: { outChannels: number; patchSize: readonly number[] },
): Tensor {
  const shape = [outChannels, x.shape[1] as number, ...patchSize];
  const fanIn = elementCount(shape.slice(1));
  const weight = $.reshape(scope.parameter('weight', shape, uniformByFanIn()), [outChannels, fanIn]);
  const rows = patchRows(x, patchSize, 'channelFirst');
  const tokens = $.matMul($.reshape(rows, [-1, fanIn]), weight, { transposeB: true });
  const y = $.add(tokens, scope.parameter('bias', [outChannels], uniformByFanIn(fanIn)));
  return $.reshape(y, [rows.shape[0] as number, rows.shape[1] as number, outChannels]);
}

/** Each patch projected to one token by a linear layer. Arguments and result as in `patchConvolution`. */
export function patchLinear(
  scope: Scope,
  x: Tensor,
  { outChannels, patchSize }: { outChannels: number; patchSize: readonly number[] },
): Tensor {
  return linear(scope, patchRows(x, patchSize, 'channelLast'), { outFeatures: outChannels });
}
