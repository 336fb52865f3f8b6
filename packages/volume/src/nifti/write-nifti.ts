import { VesaliusError } from '@vesalius/errors';
import { type Bytes, blocksOf, bytesFrom, streamFrom } from '../byte-stream.ts';
import type { Volume } from '../volume.ts';
import { bytesOf, type VoxelType, voxelTypeOf } from '../voxel-type.ts';
import { placementOfAffine } from './nifti-affine.ts';
import { NIFTI_DATATYPES } from './nifti-datatype.ts';
import { NIFTI_1, NIFTI_2, type NiftiField, writeField } from './nifti-fields.ts';

export interface WriteNiftiOptions {
  /** Default true. */
  readonly gzip?: boolean;
  /** Default 1, or 2 where an axis is longer than 32,767. Version 1 rounds the affine to float32. */
  readonly version?: 1 | 2;
  /** At most 79 bytes of ASCII. */
  readonly description?: string;
}

const LARGEST_AXIS_1 = 32767;
const NO_EXTENSION = 4;
const COLOUR_BLOCK = 1 << 16;
const INTENT_VECTOR = 1007;
const UNITS_MM_SECONDS = 2 | 8;

/**
 * Writes a .nii or .nii.gz with the voxels' own type; three or four components of uint8 become RGB or RGBA.
 *
 * Both sform and qform are written (scanner coordinates), and qform is left out where the axes are not at right angles.
 *
 * @throws INVALID_ARGUMENT when version 1 cannot hold an axis
 */
export async function writeNifti(volume: Volume, options: WriteNiftiOptions = {}): Promise<Bytes> {
  return bytesFrom(writeNiftiStream(volume, options));
}

/** As `writeNifti`, block by block: beyond the volume itself it holds a few blocks only. */
export function writeNiftiStream(volume: Volume, options: WriteNiftiOptions = {}): ReadableStream<Bytes> {
  const plain = streamFrom(blocksOfFile(niftiHeaderBytes(volume, options), volume));
  return options.gzip === false ? plain : plain.pipeThrough(new CompressionStream('gzip'));
}

function* blocksOfFile(header: Bytes, volume: Volume): Generator<Bytes, void> {
  yield header;
  const samples = samplesOf(volume);
  // Copies, so that no receiver can take the volume's own memory away.
  if (samples === 1) for (const block of blocksOf(bytesOf(volume.voxels))) yield block.slice();
  else yield* interleaved(volume.voxels as Uint8Array, samples);
}

function* interleaved(voxels: Uint8Array, samples: number): Generator<Bytes, void> {
  const plane = voxels.length / samples;
  for (let start = 0; start < plane; start += COLOUR_BLOCK) {
    const count = Math.min(COLOUR_BLOCK, plane - start);
    const block = new Uint8Array(count * samples);
    for (let sample = 0; sample < samples; sample++) {
      for (let i = 0; i < count; i++) block[i * samples + sample] = voxels[sample * plane + start + i] as number;
    }
    yield block;
  }
}

/** The header with its empty extension flag: what stands before the voxels. */
export function niftiHeaderBytes(volume: Volume, options: WriteNiftiOptions = {}): Bytes {
  const longest = Math.max(...volume.size, volume.timePoints);
  const { version = longest > LARGEST_AXIS_1 ? 2 : 1, description = '' } = options;
  if (version === 1 && longest > LARGEST_AXIS_1) {
    const expected = `at most ${LARGEST_AXIS_1}`;
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'longest axis of a NIfTI-1 file', got: longest, expected });
  }
  const { headerBytes, fields } = version === 1 ? NIFTI_1 : NIFTI_2;
  const bytes = new Uint8Array(headerBytes + NO_EXTENSION);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, headerBytes, true);
  const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0) & 0x7f);
  const values: Record<NiftiField, readonly number[]> = {
    ...fieldsOf(volume),
    voxOffset: [bytes.length],
    description: ascii(description).slice(0, 79),
    magic: ascii(version === 1 ? 'n+1\0' : 'n+2\0\r\n\x1a\n'),
  };
  for (const [name, numbers] of Object.entries(values)) writeField(view, fields[name as NiftiField], numbers);
  return bytes;
}

function fieldsOf(
  volume: Volume,
): Record<Exclude<NiftiField, 'voxOffset' | 'description' | 'magic'>, readonly number[]> {
  const samples = samplesOf(volume);
  const vectors = volume.components / samples;
  const axes = vectors > 1 ? 5 : volume.timePoints > 1 ? 4 : 3;
  const { pixdim, qformCode, sformCode, ...forms } = placementOfAffine(volume.voxelToLps);
  return {
    dim: [axes, ...volume.size, volume.timePoints, vectors, 1, 1],
    datatype: [datatypeCode(voxelTypeOf(volume.voxels), samples)],
    bitpix: [8 * volume.voxels.BYTES_PER_ELEMENT * samples],
    pixdim: [...pixdim, volume.timeStepSeconds, 1, 1, 1],
    slope: [1],
    inter: [0],
    units: [UNITS_MM_SECONDS],
    intentCode: [vectors > 1 ? INTENT_VECTOR : 0],
    qformCode: [qformCode],
    sformCode: [sformCode],
    ...forms,
  };
}

/** Components interleaved in each voxel: those of a colour. */
function samplesOf({ voxels, components }: Volume): number {
  return voxels instanceof Uint8Array && (components === 3 || components === 4) ? components : 1;
}

function datatypeCode(type: VoxelType, samples: number): number {
  const entries = Object.entries(NIFTI_DATATYPES);
  return Number(entries.find(([, known]) => known.type === type && known.samples === samples)?.[0]);
}
