import type { Random } from '@vesalius/engine';
import { type PerAxis, sizePerAxis } from '../axis-values.ts';
import { mapAxes, type Size } from '../sample.ts';
import { type ProbabilityOption, randomTransform, type Transform } from '../transform.ts';
import { type AffineParams, affineMatrix } from './affine-matrix.ts';
import { type Matrix, multiply, scaleAndShift } from './matrix.ts';
import type { Interpolation, Padding, SpatialTransform } from './spatial-transform.ts';

export interface GridSampleOptions {
  /** Size after it; -1 keeps an axis. Default: the present size. */
  readonly spatialSize?: PerAxis;
  /** For images; label maps are always read by nearest neighbour. Default: linear. */
  readonly mode?: Interpolation;
  /** Default: reflection (about the outer side of the last voxel). */
  readonly paddingMode?: 'zeros' | 'border' | 'reflection';
}

/**
 * Rotates, shears, translates and scales about the image's centre.
 *
 * The matrix maps output to input coordinates, in voxels: a scale of 2 makes things half as large. `[R Sh T Sc]`, as MONAI.
 *
 * @parity monai.transforms.Affine(rotate_params, shear_params, translate_params, scale_params, spatial_size, mode, padding_mode)
 */
export function affine(options: AffineParams & GridSampleOptions): Transform {
  return {
    name: 'Affine',
    options,
    decide: (_random, { size }) => affineRecord('Affine', size, { params: options, grid: options }),
  };
}

/** For each parameter: a bound b (drawn from -b to b) or a pair of bounds. One number: the first parameter only. */
export type RandRange = number | readonly (number | readonly [number, number])[];

export interface RandAffineRanges {
  /** Radians. */
  readonly rotateRange?: RandRange;
  readonly shearRange?: RandRange;
  /** Voxels. */
  readonly translateRange?: RandRange;
  /** Added to 1. */
  readonly scaleRange?: RandRange;
}

/** As `affine`, with parameters drawn evenly from ranges: those of z, y, x, or of y, x for a 2-D image. */
export function randAffine(options: RandAffineRanges & GridSampleOptions & ProbabilityOption): Transform {
  return randomTransform('RandAffine', options, (random, { size }) =>
    affineRecord('RandAffine', size, { params: drawAffine(random, options), grid: options }),
  );
}

export function drawAffine(random: Random, ranges: RandAffineRanges): AffineParams {
  return {
    rotateParams: draw(random, ranges.rotateRange),
    shearParams: draw(random, ranges.shearRange),
    translateParams: draw(random, ranges.translateRange),
    scaleParams: draw(random, ranges.scaleRange).map((value) => 1 + value),
  };
}

function draw(random: Random, range: RandRange = []): number[] {
  return (typeof range === 'number' ? [range] : range).map((bound) =>
    typeof bound === 'number' ? random.uniform(-bound, bound) : random.uniform(...bound),
  );
}

export function affineRecord(
  name: string,
  inputSize: Size,
  { params, grid }: { readonly params: AffineParams; readonly grid: GridSampleOptions },
): SpatialTransform {
  const outputSize = sizePerAxis(grid.spatialSize ?? -1, inputSize, 'spatialSize');
  return {
    kind: 'spatial',
    name,
    inputSize,
    outputSize,
    matrix: aboutCenters(affineMatrix(params, inputSize), inputSize, outputSize),
    interpolation: grid.mode ?? 'linear',
    padding: gridPadding(grid.paddingMode ?? 'reflection'),
  };
}

/** The matrix that works on distances from the centres of output and input. */
export function aboutCenters(matrix: Matrix, inputSize: Size, outputSize: Size): Matrix {
  const toCenter = scaleAndShift(
    [1, 1, 1],
    mapAxes((axis) => (1 - outputSize[axis]) / 2),
  );
  const fromCenter = scaleAndShift(
    [1, 1, 1],
    mapAxes((axis) => (inputSize[axis] - 1) / 2),
  );
  return multiply(fromCenter, multiply(matrix, toCenter));
}

export function gridPadding(mode: 'zeros' | 'border' | 'reflection'): Padding {
  if (mode === 'zeros') return { mode: 'constant', value: 0 };
  return { mode: mode === 'border' ? 'edge' : 'symmetric' };
}
