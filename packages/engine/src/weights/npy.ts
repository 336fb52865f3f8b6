import { fileError } from '../binary/file-error.ts';
import { readZip } from '../binary/read-zip.ts';
import { inRowOrder } from './strided.ts';
import { WEIGHT_ARRAYS, type WeightDType, type WeightMap, type WeightTensor, weightTensor } from './weight-tensor.ts';

const MAGIC = '\x93NUMPY';

const DTYPES: Readonly<Record<string, WeightDType>> = {
  f4: 'float32',
  f8: 'float64',
  f2: 'float16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u8: 'uint64',
  u4: 'uint32',
  u2: 'uint16',
  u1: 'uint8',
  b1: 'bool',
};

interface NpyHeader {
  readonly dtype: WeightDType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/**
 * Reads a NumPy array file (.npy, versions 1 to 3), in either byte order and either axis order.
 *
 * @throws FILE_TRUNCATED, FILE_FORMAT, FILE_UNSUPPORTED for texts, objects, complex numbers and records
 * @source NumPy, numpy.lib.format
 */
export function readNpy(bytes: Uint8Array, file?: string): WeightTensor {
  const { text, dataAt } = headerText(bytes, file);
  const { dtype, bigEndian, fortranOrder, shape } = parseHeader(text, file);
  const size = WEIGHT_ARRAYS[dtype].BYTES_PER_ELEMENT;
  const end = dataAt + shape.reduce((length, side) => length * side, size);
  if (end > bytes.length) throw truncated(bytes.length, end, file);
  const content = bytes.subarray(dataAt, end);
  const little = bigEndian && size > 1 ? swapped(content, size) : content;
  const stored = fortranOrder ? [...shape].reverse() : shape;
  const tensor = weightTensor({ name: '', dtype, shape: stored }, little, file);
  if (!fortranOrder || shape.length < 2) return tensor;
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((step, side) => step * side, 1));
  return { dtype, shape, data: inRowOrder(tensor.data, shape, { strides, offset: 0 }) };
}

/**
 * Reads a NumPy archive (.npz), stored or compressed; names lose their `.npy`.
 *
 * @throws the errors of `readNpy`, and FILE_FORMAT when the archive is damaged
 * @parity numpy.load
 */
export async function readNpz(bytes: Uint8Array, file?: string): Promise<WeightMap> {
  const tensors = new Map<string, WeightTensor>();
  for (const entry of readZip(bytes, file)) {
    const name = entry.name.replace(/\.npy$/, '');
    tensors.set(name, readNpy(await entry.read(), file === undefined ? name : `${file}: ${name}`));
  }
  return tensors;
}

function headerText(bytes: Uint8Array, file: string | undefined): { text: string; dataAt: number } {
  if (bytes.length < 12) throw truncated(bytes.length, 12, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, 6));
  if (magic !== MAGIC) throw fileError('FILE_FORMAT', { what: '.npy file', got: 'another beginning' }, file);
  const version = bytes[6] as number;
  if (version < 1 || version > 3) {
    throw fileError('FILE_UNSUPPORTED', { what: 'version of a .npy file', got: version, expected: '1, 2 or 3' }, file);
  }
  const start = version === 1 ? 10 : 12;
  const dataAt = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataAt > bytes.length) throw truncated(bytes.length, dataAt, file);
  return { text: new TextDecoder().decode(bytes.subarray(start, dataAt)), dataAt };
}

/** The header is a Python dictionary written out; only these three keys may stand in it. */
function parseHeader(text: string, file: string | undefined): NpyHeader {
  const descr = /'descr':\s*'([<>|=])?([a-zA-Z]\w*)'/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(text);
  if (/'descr':\s*\[/.test(text)) throw unsupported('records', file);
  if (descr === null || order === null || shape === null) {
    throw fileError('FILE_FORMAT', { what: 'header of a .npy file', got: text.slice(0, 100).trim() }, file);
  }
  const dtype = DTYPES[descr[2] as string];
  if (dtype === undefined) throw unsupported(descr[2] as string, file);
  const sides = (shape[1] as string).split(',').map((side) => side.trim());
  return {
    dtype,
    bigEndian: descr[1] === '>',
    fortranOrder: order[1] === 'True',
    shape: sides.filter((side) => side !== '').map(Number),
  };
}

function truncated(got: number, expected: number, file: string | undefined) {
  return fileError('FILE_TRUNCATED', { what: 'bytes of a .npy file', got, expected: `at least ${expected}` }, file);
}

function unsupported(got: string, file: string | undefined) {
  return fileError('FILE_UNSUPPORTED', { what: 'element type of a .npy file', got, expected: 'numbers' }, file);
}

function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = bytes[i - (i % size) + size - 1 - (i % size)] as number;
  return out;
}
