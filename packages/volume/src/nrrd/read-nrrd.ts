import { swapBytes } from '../byte-order.ts';
import { ByteReader } from '../byte-reader.ts';
import { readingAllMembers } from '../gzip-members.ts';
import { gather } from '../strided.ts';
import { createVolume, type Triple, type Volume, type VoxelArray } from '../volume.ts';
import { allocateVoxels, bytesOf, VOXEL_ARRAYS, type VoxelType, voxelTypeOf } from '../voxel-type.ts';
import { type NrrdAxes, nrrdAxes } from './nrrd-axes.ts';
import { fail, nrrdType, parseNrrdHeader } from './nrrd-header.ts';

const MOST_INFLATION = 1032;

export interface ReadNrrdOptions {
  readonly file?: string;
  /** Gives the bytes of the data file that a detached header (.nhdr) names. */
  readonly readDataFile?: (name: string) => Promise<Uint8Array>;
}

/**
 * Reads a NRRD file: raw, gzip, text or hex encoding, all scalar types, either byte order.
 *
 * A vector axis, wherever it stands, becomes the components. Without `space` the axes are taken as left-posterior-superior.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED, NOT_FINITE, OUT_OF_MEMORY, FILE_UNSUPPORTED (bzip2, block, several data files,
 * a data file without `readDataFile`)
 * @parity nrrd.read
 */
export async function readNrrd(bytes: Uint8Array, options: ReadNrrdOptions = {}): Promise<Volume> {
  const { file } = options;
  const { fields, dataStart } = parseNrrdHeader(bytes, file);
  const type = nrrdType(fields.get('type') ?? '');
  if (fields.get('type') === 'block') throw fail('FILE_UNSUPPORTED', { what: 'type of the NRRD', got: 'block' }, file);
  if (type === undefined) throw fail('FILE_FORMAT', { what: 'type of the NRRD', got: fields.get('type') }, file);
  const axes = nrrdAxes(fields, file);
  const dataFile = fields.get('data file') ?? fields.get('datafile');
  const data = dataFile === undefined ? bytes.subarray(dataStart) : await detached(dataFile, options);
  return arranged(await decode(data, fields, { type, count: product(axes.sizes), file }), axes);
}

async function detached(name: string, { readDataFile, file }: ReadNrrdOptions): Promise<Uint8Array> {
  if (/^LIST\b|%/.test(name)) throw fail('FILE_UNSUPPORTED', { what: 'several data files', got: name }, file);
  if (readDataFile === undefined)
    throw fail('FILE_UNSUPPORTED', { what: 'data in a file of their own', got: name }, file);
  return readDataFile(name);
}

interface Wanted {
  readonly type: VoxelType;
  readonly count: number;
  readonly file: string | undefined;
}

async function decode(data: Uint8Array, fields: ReadonlyMap<string, string>, wanted: Wanted): Promise<VoxelArray> {
  const encoding = fields.get('encoding')?.toLowerCase() ?? '';
  const lines = afterLines(data, skipOf(fields, 'line', wanted.file));
  const byteSkip = skipOf(fields, 'byte', wanted.file);
  if (/^(txt|text|ascii)$/.test(encoding)) return decodeText(lines.subarray(Math.max(0, byteSkip)), wanted);
  const isGzip = /^(gz|gzip)$/.test(encoding);
  if (!isGzip && encoding !== 'raw' && encoding !== 'hex') {
    const known = /^(bz2|bzip2|zrl)$/.test(encoding);
    throw fail(
      known ? 'FILE_UNSUPPORTED' : 'FILE_FORMAT',
      { what: 'encoding of the NRRD', got: encoding },
      wanted.file,
    );
  }
  const stored = encoding === 'hex' ? bytesOfHex(lines) : lines;
  const littleEndian = endianOf(fields, wanted);
  const voxels = await fill(stored, { ...wanted, isGzip, byteSkip });
  if (!littleEndian) swapBytes(bytesOf(voxels), voxels.BYTES_PER_ELEMENT);
  return voxels;
}

async function fill(stored: Uint8Array, options: Wanted & { isGzip: boolean; byteSkip: number }): Promise<VoxelArray> {
  const { type, count, file, isGzip, byteSkip } = options;
  const expected = count * VOXEL_ARRAYS[type].BYTES_PER_ELEMENT;
  // A byte skip of -1 says that raw data are the last bytes of the file.
  const skip = byteSkip < 0 ? Math.max(0, stored.length - expected) : byteSkip;
  const most = (isGzip ? stored.length * MOST_INFLATION : stored.length) - skip;
  if (most < expected)
    throw fail('FILE_TRUNCATED', { what: 'bytes of voxels', got: Math.max(0, most), expected }, file);
  const voxels = allocateVoxels(type, count, file);
  return readingAllMembers(stored, async ({ stream, inflated }) => {
    const reader = new ByteReader(stream, file);
    try {
      if (isGzip && !inflated) reader.gunzip();
      await reader.skip(skip);
      const got = await reader.read(bytesOf(voxels));
      if (got < expected) throw fail('FILE_TRUNCATED', { what: 'bytes of voxels', got, expected }, file);
      await reader.finish();
    } finally {
      await reader.close();
    }
    return voxels;
  });
}

function decodeText(data: Uint8Array, { type, count, file }: Wanted): VoxelArray {
  const numbers = new TextDecoder('latin1')
    .decode(data)
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  if (numbers.length < count)
    throw fail('FILE_TRUNCATED', { what: 'numbers of voxels', got: numbers.length, expected: count }, file);
  const voxels = allocateVoxels(type, count, file);
  const isBig = type === 'int64' || type === 'uint64';
  for (let i = 0; i < count; i++) {
    const word = numbers[i] as string;
    const value = Number(word.replace(/inf(inity)?$/i, 'Infinity'));
    const isNumber = !Number.isNaN(value) || /^[-+]?nan$/i.test(word);
    if (!isNumber || (isBig && !Number.isInteger(value))) {
      throw fail('FILE_FORMAT', { what: 'number in the text of the voxels', got: word.slice(0, 20) }, file);
    }
    if (isBig) voxels[i] = BigInt(/^[-+]?\d+$/.test(word) ? word.replace('+', '') : value);
    else voxels[i] = value;
  }
  return voxels;
}

function bytesOfHex(data: Uint8Array): Uint8Array {
  const digits = new TextDecoder('latin1').decode(data).replaceAll(/[^0-9a-f]/gi, '');
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

function afterLines(data: Uint8Array, count: number): Uint8Array {
  let at = 0;
  for (let line = 0; line < count; line++) {
    const end = data.indexOf(10, at);
    if (end < 0) return data.subarray(data.length);
    at = end + 1;
  }
  return data.subarray(at);
}

function skipOf(fields: ReadonlyMap<string, string>, what: 'line' | 'byte', file: string | undefined): number {
  const text = fields.get(`${what} skip`) ?? fields.get(`${what}skip`) ?? '0';
  const skip = Number(text);
  if (Number.isSafeInteger(skip) && skip >= (what === 'byte' ? -1 : 0)) return skip;
  throw fail('FILE_FORMAT', { what: `${what} skip of the NRRD`, got: text }, file);
}

function endianOf(fields: ReadonlyMap<string, string>, { type, file }: Wanted): boolean {
  const endian = fields.get('endian')?.toLowerCase();
  if (VOXEL_ARRAYS[type].BYTES_PER_ELEMENT === 1 || endian === 'little') return true;
  if (endian === 'big') return false;
  throw fail('FILE_FORMAT', { what: 'endian of the NRRD', got: endian ?? 'nothing', expected: 'little or big' }, file);
}

/** The voxels in the order x, y, z, time, component. */
function arranged(stored: VoxelArray, axes: NrrdAxes): Volume {
  const sizes = [1, 1, 1, 1, 1];
  const steps = [0, 0, 0, 0, 0];
  let step = 1;
  for (const [axis, role] of axes.roles.entries()) {
    sizes[role] = axes.sizes[axis] as number;
    steps[role] = step;
    step *= axes.sizes[axis] as number;
  }
  const inOrder = axes.roles.every((role, axis) => axis === 0 || role > (axes.roles[axis - 1] as number));
  const voxels = inOrder ? stored : allocateVoxels(voxelTypeOf(stored), stored.length);
  if (!inOrder) gather(stored, voxels, { sizes, steps, start: 0 });
  const [nx, ny, nz, timePoints, components] = sizes as [...Triple, number, number];
  const { voxelToLps, timeStepSeconds } = axes;
  return createVolume({ voxels, size: [nx, ny, nz], timePoints, components, timeStepSeconds, voxelToLps });
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, n) => all * n, 1);
}
