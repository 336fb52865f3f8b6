import { VesaliusError } from '@vesalius/errors';
import { type Affine, affineFromSpacing } from './affine.ts';

export type VoxelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export type Triple = readonly [number, number, number];

/** Where voxels lie: how many along x, y, z, and the place of each in patient millimetres. */
export interface Grid {
  /** nx, ny, nz */
  readonly size: Triple;
  readonly voxelToLps: Affine<'voxel', 'lps'>;
}

/** Voxels with their place in the patient; index `x + nx * (y + ny * (z + nz * (t + timePoints * component)))`. */
export interface Volume<V extends VoxelArray = VoxelArray> extends Grid {
  readonly voxels: V;
  /** 1 for 3-D. */
  readonly timePoints: number;
  /** 0 when 3-D or unknown. */
  readonly timeStepSeconds: number;
  /** 1; 3 for RGB, each component a whole plane after the time points. */
  readonly components: number;
}

export interface VolumeOptions<V extends VoxelArray> {
  readonly voxels: V;
  readonly size: Triple;
  /** Default: 1 mm voxels with axes towards left, posterior and superior. */
  readonly voxelToLps?: Affine<'voxel', 'lps'>;
  readonly timePoints?: number;
  readonly timeStepSeconds?: number;
  readonly components?: number;
}

/**
 * Builds a volume; the voxels are not copied.
 *
 * @throws INVALID_ARGUMENT when a size is not a positive integer, SHAPE_MISMATCH when the voxels do not fill the size
 */
export function createVolume<V extends VoxelArray>(options: VolumeOptions<V>): Volume<V> {
  const { voxels, size, voxelToLps = affineFromSpacing([1, 1, 1]) } = options;
  const { timePoints = 1, timeStepSeconds = 0, components = 1 } = options;
  const axes = [...size, timePoints, components];
  if (size.length !== 3 || !axes.every((n) => Number.isSafeInteger(n) && n > 0)) {
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'volume size (x, y, z, time, components)', got: axes });
  }
  const expected = axes.reduce((product, n) => product * n, 1);
  if (voxels.length !== expected) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: `voxels of a ${axes.join('x')} volume`,
      got: voxels.length,
      expected,
    });
  }
  return { voxels, size, timePoints, timeStepSeconds, components, voxelToLps };
}

/** Distance between neighbouring voxel centres along each voxel axis, in millimetres. */
export function spacingMm(grid: Pick<Grid, 'voxelToLps'>): [number, number, number] {
  const m = grid.voxelToLps.matrix;
  const length = (column: number): number =>
    Math.hypot(m[column] as number, m[column + 4] as number, m[column + 8] as number);
  return [length(0), length(1), length(2)];
}

/** Voxels of one component at one time point. */
export function voxelsPerFrame({ size }: Pick<Grid, 'size'>): number {
  return size[0] * size[1] * size[2];
}
