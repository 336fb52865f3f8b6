import { type Size, spatialAxes } from '../sample.ts';
import { IDENTITY, type Matrix, multiply } from './matrix.ts';

/** What is left out, or cut short, changes nothing. */
export interface AffineParams {
  /** Radians: about z, y, x of a volume, in this order; one angle for a 2-D image. */
  readonly rotateParams?: readonly number[];
  /** Entries zy, zx, yz, yx, xz, xy (2-D: yx, xy), one elementary shear after the other. */
  readonly shearParams?: readonly number[];
  /** Voxels along z, y, x (2-D: y, x). */
  readonly translateParams?: readonly number[];
  readonly scaleParams?: readonly number[];
}

/** The matrix about the origin: rotation x shear x translation x scale. */
export function affineMatrix(params: AffineParams, size: Size): Matrix {
  const { rotateParams = [], shearParams = [], translateParams = [], scaleParams = [] } = params;
  const axes = spatialAxes(size);
  const shift = elementary(axes.map((axis, i) => [axis, 3, translateParams[i] ?? 0]));
  const scale = elementary(axes.map((axis, i) => [axis, axis, scaleParams[i] ?? 1]));
  return [shear(shearParams, axes), shift, scale].reduce(multiply, rotation(rotateParams, axes.length));
}

function elementary(entries: readonly (readonly [row: number, column: number, value: number])[]): Matrix {
  const matrix = [...IDENTITY];
  for (const [row, column, value] of entries) matrix[4 * row + column] = value;
  return matrix;
}

function rotation(radians: readonly number[], axes: number): Matrix {
  if (axes === 2) return turnBetween(1, 2, radians[0] ?? 0);
  const [first = 0, second = 0, third = 0] = radians;
  // The middle axis turns from the third towards the first, to keep all three right-handed.
  return [turnBetween(2, 0, second), turnBetween(0, 1, third)].reduce(multiply, turnBetween(1, 2, first));
}

function turnBetween(a: number, b: number, radians: number): Matrix {
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  return elementary([
    [a, a, cosine],
    [a, b, -sine],
    [b, a, sine],
    [b, b, cosine],
  ]);
}

function shear(coefficients: readonly number[], axes: readonly number[]): Matrix {
  const pairs = axes.flatMap((row) => axes.filter((column) => column !== row).map((column) => [row, column] as const));
  return pairs.reduce(
    (sum, [row, column], i) => multiply(elementary([[row, column, coefficients[i] ?? 0]]), sum),
    IDENTITY,
  );
}
