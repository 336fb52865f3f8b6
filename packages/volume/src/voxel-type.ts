import { VesaliusError } from '@vesalius/errors';
import type { VoxelArray } from './volume.ts';

/** Element types a file can hold, by the names NumPy gives them. */
export const VOXEL_ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type VoxelType = keyof typeof VOXEL_ARRAYS;

export function voxelTypeOf(voxels: VoxelArray): VoxelType {
  for (const [name, Type] of Object.entries(VOXEL_ARRAYS)) if (voxels instanceof Type) return name as VoxelType;
  throw new VesaliusError('DTYPE_MISMATCH', {
    what: 'type of the voxels',
    got: Object.prototype.toString.call(voxels),
  });
}

/**
 * New voxels, all 0.
 *
 * @throws OUT_OF_MEMORY when there is no room for them
 */
export function allocateVoxels(type: VoxelType, length: number, file?: string): VoxelArray {
  try {
    return new VOXEL_ARRAYS[type](length);
  } catch (cause) {
    const details = { what: `${length} voxels of ${type}`, cause };
    throw new VesaliusError('OUT_OF_MEMORY', file === undefined ? details : { ...details, file });
  }
}

/** The same memory as bytes. */
export function bytesOf(voxels: VoxelArray): Uint8Array<ArrayBuffer> {
  return new Uint8Array(voxels.buffer as ArrayBuffer, voxels.byteOffset, voxels.byteLength);
}

/**
 * The same memory as unsigned integers of the same width, for moving voxels without looking at them: few array types keep
 * the loops fast. Voxels of 8 bytes stay what they are.
 */
export function rawView(voxels: VoxelArray): VoxelArray {
  const { buffer, byteOffset, length, BYTES_PER_ELEMENT: bytes } = voxels;
  if (bytes === 1) return new Uint8Array(buffer, byteOffset, length);
  if (bytes === 2) return new Uint16Array(buffer, byteOffset, length);
  return bytes === 4 ? new Uint32Array(buffer, byteOffset, length) : voxels;
}
