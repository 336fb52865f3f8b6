import { createVolume, type Grid, type Volume, type VoxelArray } from '../volume.ts';
import { allocateVoxels, voxelTypeOf } from '../voxel-type.ts';
import { resample } from './resample.ts';

export interface ResampleLabelsOptions extends Grid {
  /**
   * `nearest`, or `linear` (the default): each class is interpolated as 0 and 1 and the highest wins, the lower number at
   * a draw, which keeps borders smooth and never makes a label that was not there.
   */
  readonly method?: 'nearest' | 'linear';
  /** Label where the target leaves the source. Default 0. */
  readonly outside?: number;
}

/** A label map on another grid, its voxel type kept. Errors as `resample`. */
export function resampleLabels<V extends VoxelArray>(volume: Volume<V>, options: ResampleLabelsOptions): Volume<V> {
  const { size, voxelToLps, method = 'linear', outside = 0 } = options;
  if (method === 'nearest') return resample(volume, { size, voxelToLps, outside, interpolation: 'nearest' });
  const length =
    (volume.voxels.length / (volume.size[0] * volume.size[1] * volume.size[2])) * size[0] * size[1] * size[2];
  const voxels = allocateVoxels(voxelTypeOf(volume.voxels), length) as V;
  const highest = new Float32Array(length).fill(-1);
  for (const label of labelsOf(volume.voxels, outside)) {
    const mask = createVolume({ ...volume, voxels: maskOf(volume.voxels, label) });
    const isOutside = Number(label) === outside ? 1 : 0;
    const share = resample(mask, { size, voxelToLps, interpolation: 'linear', outside: isOutside });
    takeHigher(voxels, highest, { share: share.voxels as Float32Array, label });
  }
  return createVolume({ ...volume, voxels, size, voxelToLps });
}

function labelsOf(voxels: VoxelArray, outside: number): (number | bigint)[] {
  const labels = new Set<number | bigint>([typeof voxels[0] === 'bigint' ? BigInt(outside) : outside]);
  let last = voxels[0] as number | bigint;
  labels.add(last);
  for (let i = 1; i < voxels.length; i++) {
    const label = voxels[i] as number | bigint;
    if (label !== last) labels.add(label);
    last = label;
  }
  return [...labels].sort((a, b) => Number(a) - Number(b));
}

function maskOf(voxels: VoxelArray, label: number | bigint): Uint8Array {
  const mask = new Uint8Array(voxels.length);
  for (let i = 0; i < mask.length; i++) mask[i] = voxels[i] === label ? 1 : 0;
  return mask;
}

// Shares that differ by rounding alone are a draw.
const DRAW = 1e-6;

function takeHigher(
  voxels: VoxelArray,
  highest: Float32Array,
  { share, label }: { share: Float32Array; label: number | bigint },
): void {
  for (let i = 0; i < share.length; i++) {
    if ((share[i] as number) <= (highest[i] as number) + DRAW) continue;
    highest[i] = share[i] as number;
    voxels[i] = label as number;
  }
}
