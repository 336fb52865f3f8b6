import { VesaliusError } from '@vesalius/errors';
import { mapAxes, type Size, spatialAxes } from './sample.ts';
import type { Vector } from './spatial/matrix.ts';

/** One value for every axis, or one each: z, y, x, or y, x for a 2-D image. */
export type PerAxis = number | readonly number[];

/**
 * The values of z, y, x; `still` along z of a 2-D image.
 *
 * @throws INVALID_ARGUMENT when their count is not that of the axes
 */
export function perAxis(value: PerAxis, size: Size, { what, still }: { what: string; still: number }): Vector {
  const axes = spatialAxes(size);
  const values = typeof value === 'number' ? axes.map(() => value) : value;
  const all = values.length === 2 && axes.length === 2 ? [still, ...values] : values;
  const [z, y, x] = all;
  if (z === undefined || y === undefined || x === undefined || all.length !== 3)
    throw new VesaliusError('INVALID_ARGUMENT', { what, got: value, expected: `1 or ${axes.length} values` });
  return [z, y, x];
}

/** As `perAxis`, for sizes: whole numbers, where -1 or 0 stands for the present size. */
export function sizePerAxis(value: PerAxis, size: Size, what: string): Size {
  const wanted = perAxis(value, size, { what, still: 1 });
  if (!wanted.every(Number.isInteger))
    throw new VesaliusError('INVALID_ARGUMENT', { what, got: value, expected: 'whole numbers' });
  return mapAxes((axis) => (wanted[axis] > 0 ? wanted[axis] : size[axis]));
}
