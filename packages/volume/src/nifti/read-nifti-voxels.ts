import { swapBytes } from '../byte-order.ts';
import type { ByteReader } from '../byte-reader.ts';
import { createVolume, type Volume, type VoxelArray } from '../volume.ts';
import { allocateVoxels, bytesOf, VOXEL_ARRAYS, type VoxelType } from '../voxel-type.ts';
import { NIFTI_DATATYPES, type NiftiDatatype } from './nifti-datatype.ts';
import type { NiftiHeader } from './nifti-header.ts';

const BLOCK_VOXELS = 1 << 18;

/** Fills a new volume from the bytes at the reader; `got` counts the bytes there were. */
export async function readNiftiVoxels(
  reader: ByteReader,
  header: NiftiHeader,
  file?: string,
): Promise<{ volume: Volume; got: number }> {
  const stored = storedType(header);
  const length = header.dataBytes / VOXEL_ARRAYS[stored.type].BYTES_PER_ELEMENT;
  const voxels = allocateVoxels(isScaled(header) ? scaledType(stored.type) : stored.type, length, file);
  const direct = !isScaled(header) && stored.samples === 1;
  const got = direct ? await fillDirectly(reader, header, voxels) : await fillByBlocks(reader, header, voxels);
  return { volume: createVolume({ ...header, voxels }), got };
}

function storedType({ datatype }: NiftiHeader): NiftiDatatype {
  const found = Object.values(NIFTI_DATATYPES).find(({ name }) => name === datatype);
  return found as NiftiDatatype;
}

function isScaled({ slope, intercept }: NiftiHeader): boolean {
  return slope !== 1 || intercept !== 0;
}

function scaledType(stored: VoxelType): VoxelType {
  return stored === 'float32' || VOXEL_ARRAYS[stored].BYTES_PER_ELEMENT <= 2 ? 'float32' : 'float64';
}

async function fillDirectly(reader: ByteReader, header: NiftiHeader, voxels: VoxelArray): Promise<number> {
  const bytes = bytesOf(voxels);
  const got = await reader.read(bytes);
  if (!header.littleEndian) swapBytes(bytes, voxels.BYTES_PER_ELEMENT);
  return got;
}

async function fillByBlocks(reader: ByteReader, header: NiftiHeader, voxels: VoxelArray): Promise<number> {
  const { type, samples } = storedType(header);
  const block = allocateVoxels(type, Math.min(BLOCK_VOXELS * samples, voxels.length));
  let got = 0;
  for (let start = 0; start < voxels.length; start += block.length) {
    const part = block.subarray(0, voxels.length - start);
    const bytes = bytesOf(part);
    const read = await reader.read(bytes);
    got += read;
    if (read < bytes.length) break;
    if (!header.littleEndian) swapBytes(bytes, part.BYTES_PER_ELEMENT);
    if (samples > 1) separate(part as Uint8Array, voxels as Uint8Array, { start: start / samples, samples });
    else scale(part, voxels as Float32Array | Float64Array, { start, ...header });
  }
  return got;
}

function scale(
  part: VoxelArray,
  voxels: Float32Array | Float64Array,
  { start, slope, intercept }: { start: number; slope: number; intercept: number },
): void {
  if (part instanceof BigInt64Array || part instanceof BigUint64Array) {
    for (let i = 0; i < part.length; i++) voxels[start + i] = Number(part[i]) * slope + intercept;
  } else {
    for (let i = 0; i < part.length; i++) voxels[start + i] = (part[i] as number) * slope + intercept;
  }
}

/** From r, g, b of each voxel to a plane of each colour. */
function separate(part: Uint8Array, voxels: Uint8Array, { start, samples }: { start: number; samples: number }): void {
  const plane = voxels.length / samples;
  for (let sample = 0; sample < samples; sample++) {
    let to = sample * plane + start;
    for (let from = sample; from < part.length; from += samples) voxels[to++] = part[from] as number;
  }
}
