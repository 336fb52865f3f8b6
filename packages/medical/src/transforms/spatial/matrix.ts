import { VesaliusError } from '@vesalius/errors';

/** Row-major 3 x 4, in voxels along z, y, x: `in[i] = m[4i] * z + m[4i+1] * y + m[4i+2] * x + m[4i+3]`. */
export type Matrix = readonly number[];

export const IDENTITY: Matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

export type Vector = readonly [number, number, number];

/** First `b`, then `a`. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const result: number[] = [];
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = column === 3 ? (a[4 * row + 3] as number) : 0;
      for (let k = 0; k < 3; k++) sum += (a[4 * row + k] as number) * (b[4 * k + column] as number);
      result.push(sum);
    }
  }
  return result;
}

/** Scales, then shifts, each axis by itself. */
export function scaleAndShift(scale: Vector, shift: Vector): Matrix {
  return [scale[0], 0, 0, shift[0], 0, scale[1], 0, shift[1], 0, 0, scale[2], shift[2]];
}

/** @throws INVALID_ARGUMENT when the matrix flattens space */
export function invertMatrix(matrix: Matrix): Matrix {
  const [a, b, c, tz, d, e, f, ty, g, h, i, tx] = matrix as number[] as [...Twelve];
  const adjugate = [e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f];
  adjugate.push(d * h - e * g, b * g - a * h, a * e - b * d);
  const determinant = a * (adjugate[0] as number) + b * (adjugate[3] as number) + c * (adjugate[6] as number);
  if (!(Math.abs(determinant) > 1e-12))
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'matrix to invert, determinant', got: determinant });
  const inverse = adjugate.map((value) => value / determinant);
  const rows = [0, 1, 2].map((row) => inverse.slice(3 * row, 3 * row + 3) as [number, number, number]);
  return rows.flatMap(([z, y, x]) => [z, y, x, -(z * tz + y * ty + x * tx)]);
}

type Twelve = [number, number, number, number, number, number, number, number, number, number, number, number];

/** True where every voxel lands on a voxel: flips, quarter turns, crops, pads. */
export function isExact(matrix: Matrix): boolean {
  return matrix.every(Number.isInteger);
}

/** Length of the steps along z, y, x on the input, one output voxel at a time, in the unit of `steps` (z, y, x). */
export function columnLengths(matrix: Matrix, steps: Vector): Vector {
  const length = (column: number): number =>
    Math.hypot(...steps.map((step, row) => step * (matrix[4 * row + column] as number)));
  return [length(0), length(1), length(2)];
}
