import { VesaliusError } from '@vesalius/errors';
import { applyAffine, createAffine } from './affine.ts';
import { createVolume, type Grid, type Triple, type Volume, type VoxelArray } from './volume.ts';
import { allocateVoxels, voxelTypeOf } from './voxel-type.ts';

/**
 * The box of `size` voxels whose first voxel is `start`; every voxel keeps its place in the patient.
 *
 * @throws INVALID_ARGUMENT when the box is empty or leaves the volume
 */
export function crop<V extends VoxelArray>(volume: Volume<V>, start: Triple, size: Triple): Volume<V> {
  const inside = size.every((n, axis) => {
    const [first, all] = [start[axis] as number, volume.size[axis] as number];
    return Number.isInteger(first) && Number.isInteger(n) && first >= 0 && n > 0 && first + n <= all;
  });
  if (!inside) {
    const expected = `a box inside ${volume.size.join('x')}`;
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'start and size of the crop',
      got: [...start, ...size],
      expected,
    });
  }
  return moved(volume, { size, shift: start, count: size, to: [0, 0, 0], fill: 0 });
}

export interface PadOptions {
  /** Voxels to add before the first along x, y, z. */
  readonly before: Triple;
  /** Voxels to add after the last along x, y, z. */
  readonly after: Triple;
  /** Default 0. */
  readonly value?: number;
}

/**
 * The volume with a border of one value; every voxel keeps its place in the patient.
 *
 * @throws INVALID_ARGUMENT when a border is no whole number from 0
 */
export function pad<V extends VoxelArray>(volume: Volume<V>, { before, after, value = 0 }: PadOptions): Volume<V> {
  if (![...before, ...after].every((n) => Number.isSafeInteger(n) && n >= 0)) {
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'border of the padding', got: [...before, ...after] });
  }
  const size = volume.size.map(
    (n, axis) => n + (before[axis] as number) + (after[axis] as number),
  ) as unknown as Triple;
  const shift = before.map((n) => (n === 0 ? 0 : -n)) as unknown as Triple;
  return moved(volume, { size, shift, count: volume.size, to: before, fill: value });
}

interface Move {
  readonly size: Triple;
  /** Old index of the new first voxel. */
  readonly shift: Triple;
  /** Voxels that are copied, and the new index of the first of them. */
  readonly count: Triple;
  readonly to: Triple;
  readonly fill: number;
}

function moved<V extends VoxelArray>(volume: Volume<V>, { size, shift, count, to, fill }: Move): Volume<V> {
  const frames = volume.timePoints * volume.components;
  const voxels = allocateVoxels(voxelTypeOf(volume.voxels), frames * size[0] * size[1] * size[2]) as V;
  if (fill !== 0) fillVoxels(voxels, fill);
  const [source, target] = [volume.voxels as Uint8Array, voxels as Uint8Array];
  for (let frame = 0; frame < frames; frame++) {
    for (let z = 0; z < count[2]; z++) {
      for (let y = 0; y < count[1]; y++) {
        const from = rowStart(volume.size, frame, [shift[0] + to[0], shift[1] + to[1] + y, shift[2] + to[2] + z]);
        const into = rowStart(size, frame, [to[0], to[1] + y, to[2] + z]);
        target.set(source.subarray(from, from + count[0]), into);
      }
    }
  }
  return createVolume({ ...volume, voxels, size, voxelToLps: shiftedAffine(volume, shift) });
}

/** Sets all voxels to one number, whatever their type. */
function fillVoxels(voxels: VoxelArray, value: number): void {
  if (voxels instanceof BigInt64Array || voxels instanceof BigUint64Array) voxels.fill(BigInt(value));
  else voxels.fill(value);
}

function rowStart([nx, ny, nz]: Triple, frame: number, [x, y, z]: Triple): number {
  return x + nx * (y + ny * (z + nz * frame));
}

function shiftedAffine({ voxelToLps }: Grid, shift: Triple) {
  const [x, y, z] = applyAffine(voxelToLps, shift);
  const m = voxelToLps.matrix as number[];
  return createAffine('voxel', 'lps', [...m.slice(0, 3), x, ...m.slice(4, 7), y, ...m.slice(8, 11), z, 0, 0, 0, 1]);
}
