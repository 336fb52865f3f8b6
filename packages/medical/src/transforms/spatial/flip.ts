import { VesaliusError } from '@vesalius/errors';
import { mapAxes, type Size, spatialAxes } from '../sample.ts';
import { type ProbabilityOption, randomTransform, type Transform } from '../transform.ts';
import type { Matrix } from './matrix.ts';
import type { SpatialTransform } from './spatial-transform.ts';

export interface FlipOptions {
  /** 0 first: z, y, x of a volume, y, x of a 2-D image. Default: all. */
  readonly spatialAxis?: number | readonly number[];
}

/**
 * Mirrors axes.
 *
 * @parity monai.transforms.Flip(spatial_axis)
 */
export function flip(options: FlipOptions = {}): Transform {
  return { name: 'Flip', options, decide: (_random, { size }) => flipAxes('Flip', size, options.spatialAxis) };
}

/** Mirrors axes, all of them or none. */
export function randFlip(options: FlipOptions & ProbabilityOption = {}): Transform {
  return randomTransform('RandFlip', options, (_random, { size }) => flipAxes('RandFlip', size, options.spatialAxis));
}

/** Mirrors one axis, drawn by chance. */
export function randAxisFlip(options: ProbabilityOption = {}): Transform {
  return randomTransform('RandAxisFlip', options, (random, { size }) =>
    flipAxes('RandAxisFlip', size, random.integer(spatialAxes(size).length)),
  );
}

export interface Rotate90Options {
  /** Quarter turns. Default: 1. */
  readonly k?: number;
  /** From the first axis towards the second. Default: 0, 1. */
  readonly spatialAxes?: readonly [number, number];
}

/**
 * Turns by quarters.
 *
 * @parity monai.transforms.Rotate90(k, spatial_axes)
 */
export function rotate90(options: Rotate90Options = {}): Transform {
  return {
    name: 'Rotate90',
    options,
    decide: (_random, { size }) => turn('Rotate90', size, { k: options.k ?? 1, spatialAxes: options.spatialAxes }),
  };
}

/** Turns by 1 to `maxK` (default 3) quarters. */
export function randRotate90(
  options: { readonly maxK?: number } & Omit<Rotate90Options, 'k'> & ProbabilityOption = {},
): Transform {
  return randomTransform('RandRotate90', options, (random, { size }) =>
    turn('RandRotate90', size, { k: 1 + random.integer(options.maxK ?? 3), spatialAxes: options.spatialAxes }),
  );
}

function flipAxes(name: string, size: Size, spatialAxis: FlipOptions['spatialAxis']): SpatialTransform {
  const chosen = typeof spatialAxis === 'number' ? [spatialAxis] : (spatialAxis ?? spatialAxes(size).map((_, i) => i));
  const flipped = new Set(chosen.map((axis) => arrayAxis(axis, size)));
  const rows = [0, 1, 2].map((axis) =>
    unitRow(axis, flipped.has(axis) ? -1 : 1, flipped.has(axis) ? (size[axis] as number) - 1 : 0),
  );
  return exact(name, { inputSize: size, outputSize: size, matrix: rows.flat() });
}

function turn(
  name: string,
  size: Size,
  options: { k: number; spatialAxes: readonly [number, number] | undefined },
): SpatialTransform {
  const [a, b] = (options.spatialAxes ?? [0, 1]).map((axis) => arrayAxis(axis, size)) as [number, number];
  const quarters = ((options.k % 4) + 4) % 4;
  const swap = quarters % 2 === 1;
  const other = (axis: number): number => (swap && axis === a ? b : swap && axis === b ? a : axis);
  // One quarter: out(i, j) = in(j, last - i); two: in(last - i, last - j); three: in(last - j, i).
  const mirrored = new Set([[], [b], [a, b], [a]][quarters]);
  const rows = [0, 1, 2].map((axis) =>
    unitRow(other(axis), mirrored.has(axis) ? -1 : 1, mirrored.has(axis) ? (size[axis] as number) - 1 : 0),
  );
  return exact(name, {
    inputSize: size,
    outputSize: mapAxes((axis) => size[other(axis)] as number),
    matrix: rows.flat(),
  });
}

function unitRow(column: number, sign: number, shift: number): number[] {
  return [...[0, 1, 2].map((k) => (k === column ? sign : 0)), shift];
}

function exact(name: string, parts: { inputSize: Size; outputSize: Size; matrix: Matrix }): SpatialTransform {
  return { kind: 'spatial', name, ...parts, interpolation: 'linear' };
}

/** Axis of the array (0 = z) that MONAI's axis number names, counted from the end where negative. */
function arrayAxis(axis: number, size: Size): number {
  const axes = spatialAxes(size);
  const found = axes.at(axis);
  if (found === undefined || !Number.isInteger(axis))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'spatial axis',
      got: axis,
      expected: `0 to ${axes.length - 1}`,
    });
  return found;
}
