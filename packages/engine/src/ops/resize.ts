import { VesaliusError } from '@vesalius/errors';
import type { Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { matMul } from './linear-algebra.ts';
import { broadcastTo, reshape, transpose } from './shaping.ts';
import { constant } from './source.ts';

export interface ResizeOptions {
  readonly mode?: 'nearest' | 'linear' | 'cubic';
  /** Whether the corner elements keep their places (linear and cubic). */
  readonly alignCorners?: boolean;
}

/**
 * Resizes the spatial axes of `[B, C, ...S]`, one axis after another.
 *
 * Interpolation is a matrix product with a fixed matrix, so its gradient is exact to any order.
 *
 * @parity torch.nn.functional.interpolate
 */
export function resize(x: Tensor, size: Shape, { mode = 'linear', alignCorners = false }: ResizeOptions = {}): Tensor {
  if (size.length !== x.shape.length - 2) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'resize: size',
      got: size,
      expected: `${x.shape.length - 2} axes`,
    });
  }
  return size.reduce((current, length, i) => {
    const from = current.shape[i + 2] as number;
    if (from === length) return current;
    if (mode === 'nearest' && length % from === 0) return repeatAxis(current, i + 2, length / from);
    return matrixAxis(
      current,
      i + 2,
      constant(interpolationMatrix(from, length, { mode, alignCorners }), [length, from], x.dtype),
    );
  }, x);
}

function repeatAxis(x: Tensor, axis: number, times: number): Tensor {
  const apart = reshape(x, x.shape.toSpliced(axis + 1, 0, 1));
  const repeated = broadcastTo(apart, apart.shape.with(axis + 1, times));
  return reshape(repeated, x.shape.with(axis, (x.shape[axis] as number) * times));
}

/** Multiplies `[length, from]` into one axis. */
function matrixAxis(x: Tensor, axis: number, matrix: Tensor): Tensor {
  const last = x.shape.length - 1;
  if (axis === last) return matMul(x, matrix, { transposeB: true });
  const [from, rest] = [x.shape[axis] as number, x.shape.slice(axis + 1)];
  const flat = reshape(x, [...x.shape.slice(0, axis), from, rest.reduce((p, s) => p * s, 1)]);
  return reshape(matMul(matrix, flat), x.shape.with(axis, matrix.shape[0] as number));
}

function interpolationMatrix(from: number, to: number, { mode, alignCorners }: Required<ResizeOptions>): Float32Array {
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const place = sourcePlace(row, from, to, alignCorners && mode !== 'nearest');
    for (const [column, weight] of weightsAt(place, row * (from / to), mode)) {
      const inside = Math.min(from - 1, Math.max(0, column));
      matrix[row * from + inside] = (matrix[row * from + inside] as number) + weight;
    }
  }
  return matrix;
}

function sourcePlace(row: number, from: number, to: number, alignCorners: boolean): number {
  if (alignCorners) return to === 1 ? 0 : (row * (from - 1)) / (to - 1);
  return ((row + 0.5) * from) / to - 0.5;
}

function weightsAt(
  place: number,
  nearest: number,
  mode: 'nearest' | 'linear' | 'cubic',
): (readonly [number, number])[] {
  if (mode === 'nearest') return [[Math.floor(nearest), 1]];
  const below = Math.floor(place);
  const t = place - below;
  if (mode === 'linear')
    return [
      [below, 1 - t],
      [below + 1, t],
    ];
  return [-1, 0, 1, 2].map((k) => [below + k, cubicKernel(t - k)] as const);
}

/** @source Keys 1981, cubic convolution with a = -0.75 */
function cubicKernel(distance: number): number {
  const [a, x] = [-0.75, Math.abs(distance)];
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((x - 5) * x + 8) * a * x - 4 * a : 0;
}

/** Spreads channels over space: `[B, C s^n, ...S]` -> `[B, C, ...(S s)]`. @parity torch.nn.functional.pixel_shuffle */
export function depthToSpace(x: Tensor, scale: number): Tensor {
  const [batch = 1, channels = 1, ...space] = x.shape;
  const n = space.length;
  const out = channels / scale ** n;
  const apart = reshape(x, [batch, out, ...space.map(() => scale), ...space]);
  const woven = transpose(apart, [0, 1, ...space.flatMap((_, i) => [2 + n + i, 2 + i])]);
  return reshape(woven, [batch, out, ...space.map((size) => size * scale)]);
}
