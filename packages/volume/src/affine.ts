import { VesaliusError } from '@vesalius/errors';

/** `voxel`: indices, x fastest. `lps`, `ras`: patient millimetres towards left-posterior-superior or right-anterior-superior. */
export type Frame = 'voxel' | 'lps' | 'ras';

/** A linear map with translation between two frames; its matrix is 4x4, row-major, in millimetres. */
export interface Affine<From extends Frame, To extends Frame> {
  readonly from: From;
  readonly to: To;
  readonly matrix: readonly number[];
}

/** A place in one frame: voxel indices or millimetres. A bare `[x, y, z]` is taken as being in the frame asked for. */
export type Point<F extends Frame> = readonly [number, number, number] & { readonly frame?: F };

/**
 * Builds an affine from 16 numbers.
 *
 * @param matrix - 4x4, row-major, last row `0 0 0 1`
 * @throws NOT_FINITE for NaN or infinity, INVALID_ARGUMENT when it is no affine matrix
 */
export function createAffine<From extends Frame, To extends Frame>(
  from: From,
  to: To,
  matrix: ArrayLike<number>,
): Affine<From, To> {
  // Adding 0 turns -0 into 0.
  const values = Array.from(matrix, (value) => value + 0);
  const what = `matrix of the ${from}-to-${to} affine`;
  if (!values.every(Number.isFinite)) throw new VesaliusError('NOT_FINITE', { what, got: values });
  const [a, b, c, d] = values.slice(12);
  if (values.length !== 16 || a !== 0 || b !== 0 || c !== 0 || d !== 1) {
    throw new VesaliusError('INVALID_ARGUMENT', { what, got: values, expected: '16 numbers that end in 0, 0, 0, 1' });
  }
  return { from, to, matrix: values };
}

/** The affine of a grid whose axes point left, posterior and superior, with the centre of voxel (0, 0, 0) at `originMm`. */
export function affineFromSpacing(
  spacingMm: readonly [number, number, number],
  originMm: readonly [number, number, number] = [0, 0, 0],
): Affine<'voxel', 'lps'> {
  const [sx, sy, sz] = spacingMm;
  const [ox, oy, oz] = originMm;
  return createAffine('voxel', 'lps', [sx, 0, 0, ox, 0, sy, 0, oy, 0, 0, sz, oz, 0, 0, 0, 1]);
}

const FLIP_XY = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

export const LPS_TO_RAS: Affine<'lps', 'ras'> = createAffine('lps', 'ras', FLIP_XY);
export const RAS_TO_LPS: Affine<'ras', 'lps'> = createAffine('ras', 'lps', FLIP_XY);

/** Carries a point into the other frame. */
export function applyAffine<From extends Frame, To extends Frame>(
  affine: Affine<From, To>,
  point: Point<NoInfer<From>>,
): Point<To> {
  const m = affine.matrix as readonly number[];
  const [x, y, z] = point;
  const row = (r: number): number =>
    (m[r] as number) * x + (m[r + 1] as number) * y + (m[r + 2] as number) * z + (m[r + 3] as number);
  return [row(0), row(4), row(8)];
}

/** `second` after `first`. */
export function composeAffine<A extends Frame, B extends Frame, C extends Frame>(
  second: Affine<B, C>,
  first: Affine<A, NoInfer<B>>,
): Affine<A, C> {
  const matrix: number[] = [];
  for (let row = 0; row < 16; row += 4) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += (second.matrix[row + k] as number) * (first.matrix[4 * k + column] as number);
      matrix.push(sum);
    }
  }
  return { from: first.from, to: second.to, matrix };
}

/**
 * The map back.
 *
 * @throws INVALID_ARGUMENT when the axes lie in one plane
 */
export function invertAffine<From extends Frame, To extends Frame>(affine: Affine<From, To>): Affine<To, From> {
  const [a, b, c, tx, d, e, f, ty, g, h, i, tz] = affine.matrix as [
    ...[number, number, number, number],
    ...[number, number, number, number],
    ...[number, number, number, number],
  ];
  const determinant = determinantOf(affine);
  if (!(Math.abs(determinant) > 0) || !Number.isFinite(1 / determinant)) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `determinant of the ${affine.from}-to-${affine.to} affine`,
      got: determinant,
      expected: 'not zero',
    });
  }
  const s = 1 / determinant;
  const rows = [
    [(e * i - f * h) * s, (c * h - b * i) * s, (b * f - c * e) * s],
    [(f * g - d * i) * s, (a * i - c * g) * s, (c * d - a * f) * s],
    [(d * h - e * g) * s, (b * g - a * h) * s, (a * e - b * d) * s],
  ] as const;
  const matrix = rows.flatMap(([p, q, r]) => [p, q, r, -(p * tx + q * ty + r * tz)]);
  return createAffine(affine.to, affine.from, [...matrix, 0, 0, 0, 1]);
}

/** Signed volume of one voxel in cubic millimetres, for a voxel-to-world affine. */
export function determinantOf(affine: Affine<Frame, Frame>): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine.matrix as number[] as [
    ...[number, number, number, number],
    ...[number, number, number, number],
    ...[number, number, number],
  ];
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
