import { VesaliusError } from '@vesalius/errors';
import { applyAffine } from './affine.ts';
import { type Grid, spacingMm } from './volume.ts';

/** True when two grids have one size and no voxel centre is further apart than the tolerance. */
export function sameGrid(a: Grid, b: Grid, toleranceMm = 1e-3): boolean {
  return a.size.every((n, axis) => n === b.size[axis]) && largestDistanceMm(a, b) <= toleranceMm;
}

/**
 * Refuses two grids that are not the same.
 *
 * @throws GEOMETRY_MISMATCH that names the size, spacing, orientation or origin that differs
 */
export function assertSameGrid(a: Grid, b: Grid, options: { toleranceMm?: number; file?: string } = {}): void {
  const { toleranceMm = 1e-3, ...where } = options;
  if (sameGrid(a, b, toleranceMm)) return;
  throw new VesaliusError('GEOMETRY_MISMATCH', { ...difference(a, b, toleranceMm), ...where });
}

function difference(a: Grid, b: Grid, toleranceMm: number): { what: string; got: unknown; expected: unknown } {
  if (!close(a.size, b.size, 0)) return { what: 'size in voxels', got: b.size, expected: a.size };
  const extent = Math.max(1, ...a.size.map((n) => n - 1));
  const [got, expected] = [spacingMm(b), spacingMm(a)];
  if (!close(got, expected, toleranceMm / extent)) return { what: 'voxel spacing in mm', got, expected };
  const directions = [directionsOf(b), directionsOf(a)] as const;
  const origins = [originOf(b), originOf(a)] as const;
  const turned = !close(...directions, toleranceMm / extent / Math.max(...expected));
  if (turned || close(...origins, toleranceMm)) {
    return { what: 'directions of the voxel axes (LPS)', got: directions[0], expected: directions[1] };
  }
  return { what: 'origin in LPS mm', got: origins[0], expected: origins[1] };
}

// The distance is a convex function of the place, so it is largest at a corner.
function largestDistanceMm(a: Grid, b: Grid): number {
  let largest = 0;
  for (let corner = 0; corner < 8; corner++) {
    const at = a.size.map((n, axis) => (corner & (1 << axis) ? n - 1 : 0)) as [number, number, number];
    const [p, q] = [applyAffine(a.voxelToLps, at), applyAffine(b.voxelToLps, at)];
    largest = Math.max(largest, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return largest;
}

function originOf({ voxelToLps: { matrix } }: Grid): number[] {
  return [matrix[3], matrix[7], matrix[11]] as number[];
}

function directionsOf(grid: Grid): number[] {
  const spacing = spacingMm(grid);
  const m = grid.voxelToLps.matrix;
  return [0, 1, 2].flatMap((column) =>
    [0, 4, 8].map((row) => (m[row + column] as number) / (spacing[column] as number)),
  );
}

function close(a: readonly number[], b: readonly number[], tolerance: number): boolean {
  return a.every((value, index) => Math.abs(value - (b[index] as number)) <= tolerance);
}
