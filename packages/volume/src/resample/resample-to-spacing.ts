import { VesaliusError } from '@vesalius/errors';
import { createAffine } from '../affine.ts';
import { type Grid, spacingMm, type Triple, type Volume, type VoxelArray } from '../volume.ts';
import type { Reals } from './b-spline.ts';
import { resample } from './resample.ts';
import type { Interpolation } from './taps.ts';

/**
 * A grid with the same axes and another spacing.
 *
 * `edges` keeps the box that the voxels fill, as nnU-Net does: `round(n * old / new)` voxels share it, so the spacing can
 * differ a little from the one asked for. `centres` keeps the centre of the first voxel and the exact spacing, as MONAI's
 * Spacing does: `round((n - 1) * old / new) + 1` voxels. Halves are rounded to the even number.
 *
 * @throws INVALID_ARGUMENT when a spacing is not above 0
 * @parity monai.transforms.Spacing(padding_mode='border')
 */
export function gridWithSpacing(grid: Grid, wantedMm: Triple, align: 'edges' | 'centres' = 'edges'): Grid {
  if (!wantedMm.every((mm) => mm > 0 && Number.isFinite(mm))) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'spacing in mm',
      got: wantedMm,
      expected: 'three numbers above 0',
    });
  }
  const ratios = spacingMm(grid).map((mm, axis) => mm / (wantedMm[axis] as number));
  const rest = align === 'edges' ? 0 : 1;
  const counts = grid.size.map((n, axis) => Math.max(1, roundToEven((n - rest) * (ratios[axis] as number) + rest)));
  const scales = counts.map((n, axis) =>
    align === 'edges' ? (grid.size[axis] as number) / n : 1 / (ratios[axis] as number),
  );
  return { size: counts as unknown as Triple, voxelToLps: scaledAffine(grid, scales, align) };
}

function scaledAffine({ voxelToLps: { matrix } }: Grid, scales: readonly number[], align: 'edges' | 'centres') {
  const shifts = scales.map((scale) => (align === 'edges' ? (scale - 1) / 2 : 0));
  const rows = [0, 4, 8].flatMap((row) => {
    const old = matrix.slice(row, row + 3);
    const origin = old.reduce((sum, value, axis) => sum + value * (shifts[axis] as number), matrix[row + 3] as number);
    return [...old.map((value, axis) => value * (scales[axis] as number)), origin];
  });
  return createAffine('voxel', 'lps', [...rows, 0, 0, 0, 1]);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The volume on `gridWithSpacing(volume, wantedMm)`, its edge voxels going on to the border. Types as `resample`.
 *
 * @parity scipy.ndimage.zoom(order=1, mode='nearest', grid_mode=True)
 */
export function resampleToSpacing<V extends VoxelArray>(
  volume: Volume<V>,
  wantedMm: Triple,
  interpolation: 'nearest',
): Volume<V>;
export function resampleToSpacing(volume: Volume, wantedMm: Triple, interpolation?: 'linear' | 'cubic'): Volume<Reals>;
export function resampleToSpacing(volume: Volume, wantedMm: Triple, interpolation: Interpolation): Volume;
export function resampleToSpacing(volume: Volume, wantedMm: Triple, interpolation: Interpolation = 'linear'): Volume {
  return resample(volume, { ...gridWithSpacing(volume, wantedMm), interpolation, outside: 'edge' });
}
