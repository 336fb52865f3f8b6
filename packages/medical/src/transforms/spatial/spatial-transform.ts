import type { Size } from '../sample.ts';
import { isExact, type Matrix, multiply } from './matrix.ts';

/**
 * What stands outside the image: one value; its last voxel (`edge`); its mirror image about the last voxel's centre (`reflect`)
 * or outer side (`symmetric`). Names of numpy; MONAI's grid sampling calls them zeros, border and reflection (symmetric).
 * `extent`: the last voxel as far as its own outer side, 0 beyond; what is taken back to its old grid needs it.
 */
export type Padding =
  | { readonly mode: 'constant'; readonly value: number }
  | { readonly mode: 'edge' | 'reflect' | 'symmetric' | 'extent' };

export type Interpolation = 'linear' | 'nearest';

/**
 * A smooth displacement drawn from a seed: random offsets on a lattice, smoothed, and interpolated between its points.
 *
 * Either Gaussian smoothing (`sigma`) of uniform offsets, or normal offsets at control points with cubic interpolation.
 */
export interface Warp {
  readonly kind: 'smoothed-noise' | 'control-points';
  readonly seed: number;
  /** Voxels along z, y, x that the field covers. */
  readonly size: Size;
  /** Factor on the offsets, in voxels. */
  readonly magnitude: number;
  /** smoothed-noise: standard deviation of the smoothing, in voxels; control-points: their distance along y and x. */
  readonly scale: readonly number[];
  /** From output voxels to those that the field covers. */
  readonly before: Matrix;
}

/**
 * Any spatial transform: where each output voxel lies in the input.
 *
 * `input = matrix * (q + displacement(q))` with `q = output`, or `warp.before * output`. Images are read by `interpolation`,
 * label maps always by nearest neighbour.
 */
export interface SpatialTransform {
  readonly kind: 'spatial';
  /** Of the transform, or of all that were joined into one resampling, in order: `RandAffine+RandFlip`. */
  readonly name: string;
  readonly inputSize: Size;
  readonly outputSize: Size;
  readonly matrix: Matrix;
  readonly interpolation: Interpolation;
  /** Absent where no output voxel lies outside the input. */
  readonly padding?: Padding;
  readonly warp?: Warp;
}

/**
 * One resampling in place of two, or null where they do not join: two warps, two kinds of padding, or a pad after a crop.
 *
 * A rotation after a crop then reads beyond the crop what the image has there, instead of padding.
 */
export function joinSpatial(first: SpatialTransform, second: SpatialTransform): SpatialTransform | null {
  const [warp, other] = [first.warp, second.warp];
  if ((warp && other) || !samePadding(first.padding, second.padding) || padsAfterCrop(first, second)) return null;
  const padding = first.padding ?? second.padding;
  return {
    kind: 'spatial',
    name: `${first.name}+${second.name}`,
    inputSize: first.inputSize,
    outputSize: second.outputSize,
    matrix: warp ? first.matrix : multiply(first.matrix, second.matrix),
    interpolation: first.interpolation === 'linear' ? second.interpolation : first.interpolation,
    ...(padding && { padding }),
    ...(warp && { warp: { ...warp, before: multiply(warp.before, second.matrix) } }),
    ...(other && { warp: other }),
  };
}

function padsAfterCrop(first: SpatialTransform, second: SpatialTransform): boolean {
  const crops = !first.padding && first.outputSize.some((n, axis) => n < (first.inputSize[axis] as number));
  return crops && second.padding !== undefined && isExact(second.matrix) && !second.warp;
}

function samePadding(a: Padding | undefined, b: Padding | undefined): boolean {
  return !a || !b || (a.mode === b.mode && (a.mode !== 'constant' || b.mode !== 'constant' || a.value === b.value));
}
