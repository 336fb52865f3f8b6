import { composeAffine, invertAffine } from '../affine.ts';
import { axisCodes, reorient } from '../orientation.ts';
import { createVolume, type Grid, type Triple, type Volume, type VoxelArray, voxelsPerFrame } from '../volume.ts';
import { allocateVoxels, rawView, type VoxelType, voxelTypeOf } from '../voxel-type.ts';
import { prefilterCubic, type Reals } from './b-spline.ts';
import { obliqueFrame } from './oblique.ts';
import { axisView, fillOutside, interpolateFrame, nearestFrame } from './separable.ts';
import { type Interpolation, SNAP, type Taps, tapsOf } from './taps.ts';

export interface ResampleOptions extends Grid {
  /** Default `linear`. `cubic` is the cubic B-spline through the samples, mirrored at the ends. */
  readonly interpolation?: Interpolation;
  /**
   * What stands where the target leaves the source by more than half a voxel: a number, or `edge` for the nearest voxel's.
   * Default 0. Within that half voxel the edge's value goes on.
   */
  readonly outside?: number | 'edge';
}

/**
 * The volume on another grid, every time point and component.
 *
 * Nearest keeps the voxel type. Linear and cubic give float32, or float64 from float64 and integers of more than 16 bits.
 *
 * @throws INVALID_ARGUMENT when the volume's axes lie in one plane, OUT_OF_MEMORY
 * @parity scipy.ndimage.map_coordinates(order=0|1|3, mode='mirror', coordinates clipped to the volume)
 */
export function resample<V extends VoxelArray>(
  volume: Volume<V>,
  options: ResampleOptions & { interpolation: 'nearest' },
): Volume<V>;
export function resample(
  volume: Volume,
  options: ResampleOptions & { interpolation?: 'linear' | 'cubic' },
): Volume<Reals>;
export function resample(volume: Volume, options: ResampleOptions): Volume;
export function resample(volume: Volume, options: ResampleOptions): Volume {
  const { size, voxelToLps, interpolation = 'linear', outside = 0 } = options;
  const source = withAxesOf(volume, options);
  const matrix = composeAffine(invertAffine(source.voxelToLps), voxelToLps).matrix;
  const type = resultType(voxelTypeOf(volume.voxels), interpolation);
  const voxels = allocateVoxels(type, size[0] * size[1] * size[2] * volume.timePoints * volume.components);
  const plan = { matrix, size: source.size, targetSize: size, interpolation, outside: outsideValue(outside, voxels) };
  const taps = isDiagonal(matrix, size) ? axisTaps(plan) : undefined;
  const [from, to] = [voxelsPerFrame(source), size[0] * size[1] * size[2]];
  for (let frame = 0; frame * to < voxels.length; frame++) {
    const part = source.voxels.subarray(frame * from, (frame + 1) * from) as VoxelArray;
    const target = voxels.subarray(frame * to, (frame + 1) * to) as VoxelArray;
    if (taps === undefined) resampleOblique(part, target, plan);
    else resampleSeparable(part, target, { ...plan, taps });
  }
  return createVolume({ ...volume, voxels, size, voxelToLps });
}

interface Plan {
  readonly matrix: readonly number[];
  readonly size: Triple;
  readonly targetSize: Triple;
  readonly interpolation: Interpolation;
  readonly outside: number | bigint | undefined;
}

/** The source turned so that its axes follow the target's, where they only differ in order. */
function withAxesOf(volume: Volume, target: Grid): Volume {
  const { matrix } = composeAffine(invertAffine(volume.voxelToLps), target.voxelToLps);
  const small = matrix.map((value, index) => Math.abs(value) * (target.size[index % 4] ?? 0) < SNAP);
  const aligned = [0, 4, 8].every((row) => small.slice(row, row + 3).filter((isSmall) => !isSmall).length === 1);
  return aligned && !isDiagonal(matrix, target.size) ? reorient(volume, axisCodes(target)) : volume;
}

/** True when off-diagonal elements shift no voxel of the target noticeably. */
function isDiagonal(matrix: readonly number[], size: Triple): boolean {
  const rows = [0, 1, 2];
  return rows.every((row) =>
    size.every((n, column) => row === column || Math.abs(matrix[4 * row + column] as number) * n < SNAP),
  );
}

function resultType(type: VoxelType, interpolation: Interpolation): VoxelType {
  if (interpolation === 'nearest') return type;
  return /64|32$/.test(type) && type !== 'float32' ? 'float64' : 'float32';
}

function outsideValue(outside: number | 'edge', voxels: VoxelArray): number | bigint | undefined {
  if (outside === 'edge') return undefined;
  return voxels instanceof BigInt64Array || voxels instanceof BigUint64Array ? BigInt(outside) : outside;
}

function axisTaps({ matrix, size, targetSize, interpolation }: Plan): Taps[] {
  return [0, 1, 2].map((axis) => {
    const [scale, offset] = [matrix[5 * axis] as number, matrix[4 * axis + 3] as number];
    const line = { samples: size[axis] as number, outputs: targetSize[axis] as number, scale, offset };
    return tapsOf(line, interpolation);
  });
}

function resampleSeparable(source: VoxelArray, target: VoxelArray, plan: Plan & { taps: readonly Taps[] }): void {
  const { size, taps, outside, interpolation } = plan;
  if (interpolation === 'nearest') nearestFrame(rawView(source), size, taps, rawView(target));
  else (target as Reals).set(interpolateFrame(realsOf(source, target as Reals), size, taps));
  if (outside !== undefined) fillOutside(target, taps, outside);
}

function resampleOblique(source: VoxelArray, target: VoxelArray, plan: Plan): void {
  const samples = plan.interpolation === 'nearest' ? source : realsOf(source, target as Reals);
  if (plan.interpolation === 'cubic')
    for (const axis of [0, 1, 2]) prefilterCubic(samples as Reals, axisView(plan.size, axis));
  obliqueFrame(samples, target, plan);
}

/** A copy of the voxels in the float type of the target. */
function realsOf(source: VoxelArray, like: Reals): Reals {
  const copy = like instanceof Float32Array ? new Float32Array(source.length) : new Float64Array(source.length);
  if (source instanceof BigInt64Array || source instanceof BigUint64Array) {
    for (let i = 0; i < copy.length; i++) copy[i] = Number(source[i]);
  } else copy.set(source);
  return copy;
}
