import { VesaliusError } from '@vesalius/errors';
import { ByteReader } from '../byte-reader.ts';
import { streamOf } from '../byte-stream.ts';
import { readingAllMembers } from '../gzip-members.ts';
import type { Volume } from '../volume.ts';
import { NIFTI_1, NIFTI_2 } from './nifti-fields.ts';
import { layoutOf, type NiftiHeader, parseNiftiHeader } from './nifti-header.ts';
import { readNiftiVoxels } from './read-nifti-voxels.ts';

// Deflate cannot shrink data further than this.
const MOST_INFLATION = 1032;

/**
 * Reads a NIfTI-1 or NIfTI-2 file, .nii or gzip (told by its first bytes; bgzip too), of either byte order.
 *
 * Voxels keep the stored type unless `scl_slope` and `scl_inter` change them: then they are float32, or float64 where
 * the stored type has more than 24 bits. Colours become 3 or 4 components. Header extensions are passed over.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED, FILE_UNSUPPORTED (complex, float128, binary), NOT_FINITE, OUT_OF_MEMORY
 * @parity nibabel.load
 */
export function readNifti(bytes: Uint8Array, file?: string): Promise<Volume> {
  return readingAllMembers(bytes, ({ stream, inflated }) =>
    readNiftiStream(stream, file, inflated ? bytes.length * MOST_INFLATION : bytes.length),
  );
}

/**
 * Reads a NIfTI file from a stream straight into its final voxels: beyond them it holds a few blocks only.
 * Several gzip members need the whole file, `readNifti`: FILE_UNSUPPORTED here.
 *
 * @param byteLength - of the stream where known: a header that promises more is then refused before memory is taken
 */
export function readNiftiStream(
  stream: ReadableStream<Uint8Array>,
  file?: string,
  byteLength = Number.POSITIVE_INFINITY,
): Promise<Volume> {
  return withReader(stream, file, async (reader) => {
    const { header, most } = await readHeader(reader, byteLength, file);
    if (!header.singleFile)
      throw fail('FILE_FORMAT', file, { what: 'header of a .hdr/.img pair', expected: 'its .img too' });
    const headerBytes = bytesOfHeader(header.version);
    return readVoxels(reader, header, { skip: header.voxelOffset - headerBytes, most: most - headerBytes, file });
  });
}

/** Reads a .hdr/.img pair; either may be gzip. Errors as `readNifti`. */
export async function readNiftiPair(hdr: Uint8Array, img: Uint8Array, file?: string): Promise<Volume> {
  const header = await readNiftiHeader(hdr, file);
  return readingAllMembers(img, ({ stream, inflated }) =>
    withReader(stream, file, async (reader) => {
      const most = await openedBytes(reader, inflated ? img.length * MOST_INFLATION : img.length);
      return readVoxels(reader, header, { skip: header.voxelOffset, most, file });
    }),
  );
}

/**
 * Reads only the header; the bytes may stop anywhere after it.
 *
 * The first kilobyte is enough, gzip or not, unless gzip begins with a very long file name. Errors as `readNifti`.
 */
export function readNiftiHeader(bytes: Uint8Array, file?: string): Promise<NiftiHeader> {
  return withReader(streamOf(bytes), file, async (reader) => (await readHeader(reader, bytes.length, file)).header);
}

async function withReader<T>(
  stream: ReadableStream<Uint8Array>,
  file: string | undefined,
  use: (reader: ByteReader) => Promise<T>,
): Promise<T> {
  const reader = new ByteReader(stream, file);
  try {
    return await use(reader);
  } finally {
    await reader.close();
  }
}

/** The most bytes that can still come, after inflation where the stream is gzip. */
async function openedBytes(reader: ByteReader, byteLength: number): Promise<number> {
  return (await reader.gunzipIfNeeded()) ? byteLength * MOST_INFLATION : byteLength;
}

async function readHeader(reader: ByteReader, byteLength: number, file: string | undefined) {
  const most = await openedBytes(reader, byteLength);
  const bytes = new Uint8Array(NIFTI_2.headerBytes);
  let got = await reader.read(bytes.subarray(0, NIFTI_1.headerBytes));
  const layout = layoutOf(new DataView(bytes.buffer, 0, got));
  if (layout?.version === 2) got += await reader.read(bytes.subarray(NIFTI_1.headerBytes));
  return { header: parseNiftiHeader(bytes.subarray(0, got), file), most };
}

function bytesOfHeader(version: 1 | 2): number {
  return (version === 1 ? NIFTI_1 : NIFTI_2).headerBytes;
}

async function readVoxels(
  reader: ByteReader,
  header: NiftiHeader,
  { skip, most, file }: { skip: number; most: number; file: string | undefined },
): Promise<Volume> {
  // Refused before memory is taken for voxels that cannot come.
  const enough = most >= skip + header.dataBytes && (await reader.skip(skip)) === skip;
  const expected = header.dataBytes;
  if (!enough) throw fail('FILE_TRUNCATED', file, { what: 'bytes of voxels', got: Math.max(0, most - skip), expected });
  const { volume, got } = await readNiftiVoxels(reader, header, file);
  if (got < expected) throw fail('FILE_TRUNCATED', file, { what: 'bytes of voxels', got, expected });
  await reader.finish();
  return volume;
}

function fail(
  code: 'FILE_FORMAT' | 'FILE_TRUNCATED',
  file: string | undefined,
  details: { what: string; got?: number; expected: unknown },
): VesaliusError {
  return new VesaliusError(code, file === undefined ? details : { ...details, file });
}
