import { VesaliusError } from '@vesalius/errors';
import { applyAffine, type Grid, invertAffine, type Triple } from '@vesalius/volume';
import { alikePlanes, cross, difference, dot, type Plane, stackGrid } from './planes.ts';

/** Planes as slices of one grid. */
export interface Stack {
  readonly grid: Grid;
  /** The slice of each plane, in the order they were given. */
  readonly slices: readonly number[];
}

/** Share of a slice's distance by which a plane may be out of place. */
const TOLERANCE = 0.1;
/** Planes closer than this are one. */
const SAME_MM = 1e-3;
/** Wrong positions ask for more than any scan has. */
const MOST_VOXELS = 2 ** 31;

/**
 * The smallest grid that planes fill, in whatever order they come; slices may be missing and several planes may share one.
 *
 * @param stepMm - distance between slices where it is known, such as `SpacingBetweenSlices`
 * @throws GEOMETRY_MISMATCH when the planes are not of one orientation and spacing, or not evenly placed, LIMIT_EXCEEDED for a
 * stack of more than 2^31 voxels
 */
export function stackOf(planes: readonly Plane[], stepMm?: number): Stack {
  const [first] = planes;
  if (first === undefined) throw new VesaliusError('GEOMETRY_MISMATCH', { what: 'planes of a stack', got: 'none' });
  if (!planes.every((plane) => alikePlanes(plane, first)))
    throw mismatch('orientation, size or pixel spacing of the frames', 'several', 'one');
  const normal = cross(first.alongRow, first.alongColumn);
  const heights = planes.map((plane) => dot(difference(plane.position, first.position), normal));
  const sorted = distinct(heights);
  const bottom = sorted[0] as number;
  const lowest = planes[heights.indexOf(bottom)] as Plane;
  const highest = planes[heights.indexOf(heights.reduce((most, height) => Math.max(most, height), bottom))] as Plane;
  const step = stepOf(sorted, stepMm);
  const slices = heights.map((height) => Math.round((height - bottom) / step));
  const last = slices.reduce((most, slice) => Math.max(most, slice), 0);
  const voxels = (last + 1) * first.rows * first.columns;
  if (!(voxels <= MOST_VOXELS))
    throw new VesaliusError('LIMIT_EXCEEDED', {
      what: 'voxels of a stack',
      got: voxels,
      expected: `at most ${MOST_VOXELS}`,
    });
  const whole = difference(highest.position, lowest.position);
  const along = last === 0 ? normal.map((value) => value * step) : whole.map((value) => value / last);
  const stack = { grid: stackGrid(lowest, along as unknown as Triple, last + 1), slices };
  assertInPlace(planes, stack, step);
  return stack;
}

function mismatch(what: string, got: unknown, expected: unknown): VesaliusError {
  return new VesaliusError('GEOMETRY_MISMATCH', { what, got, expected });
}

function distinct(heights: readonly number[]): number[] {
  const sorted = [...heights].sort((a, b) => a - b);
  return sorted.filter((height, i) => i === 0 || height - (sorted[i - 1] as number) > SAME_MM);
}

/** The distance that all gaps are multiples of: the one stated, or else the smallest gap. */
function stepOf(heights: readonly number[], stated: number | undefined): number {
  const gaps = heights.slice(1).map((height, i) => height - (heights[i] as number));
  const fits = (step: number): boolean => gaps.every((gap) => gap / step > 0.5 && nearWhole(gap / step));
  if (stated !== undefined && stated > 0 && fits(stated)) return stated;
  if (gaps.length === 0) return 1;
  const smallest = gaps.reduce((least, gap) => Math.min(least, gap), Number.POSITIVE_INFINITY);
  if (fits(smallest)) return smallest;
  throw mismatch('distances between frames in mm', gaps.slice(0, 8), 'multiples of one distance');
}

function nearWhole(value: number): boolean {
  return Math.abs(value - Math.round(value)) <= TOLERANCE;
}

function assertInPlace(planes: readonly Plane[], { grid, slices }: Stack, step: number): void {
  for (const [i, plane] of planes.entries()) {
    const expected = applyAffine(grid.voxelToLps, [0, 0, slices[i] as number]);
    const off = Math.hypot(...difference(plane.position, expected as Triple));
    if (off > TOLERANCE * Math.max(step, ...plane.spacing))
      throw mismatch('place of a frame', `${off.toFixed(3)} mm off`, 'evenly placed frames');
  }
}

/** The slices of a grid that planes lie in; none for those that are turned or between slices, or not on its pixels when asked. */
export function placeOnGrid(
  grid: Grid,
  planes: readonly Plane[],
  { samePixels }: { samePixels: boolean },
): (number | undefined)[] {
  const lpsToVoxel = invertAffine(grid.voxelToLps);
  return planes.map((plane) => {
    const [x, y, z] = applyAffine(lpsToVoxel, plane.position);
    const [sx, sy] = plane.spacing;
    const end = ([sx, sy] as const).map((_, axis) => {
      const along = axis === 0 ? plane.alongRow : plane.alongColumn;
      const pixels = axis === 0 ? plane.columns : plane.rows;
      const reach = pixels * (axis === 0 ? sx : sy);
      const p = plane.position;
      return applyAffine(lpsToVoxel, [p[0] + along[0] * reach, p[1] + along[1] * reach, p[2] + along[2] * reach]);
    });
    const level = end.every((point) => Math.abs(point[2] - z) <= TOLERANCE);
    const slice = Math.round(z) + 0;
    if (!level || Math.abs(z - slice) > TOLERANCE || slice < 0 || slice >= grid.size[2]) return undefined;
    if (!samePixels) return slice;
    const [right, down] = end as [Triple, Triple];
    const onPixels = [x, y, right[0] - grid.size[0], right[1], down[0], down[1] - grid.size[1]];
    return onPixels.every((off) => Math.abs(off) <= TOLERANCE) ? slice : undefined;
  });
}
