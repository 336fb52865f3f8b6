import { VesaliusError } from '@vesalius/errors';
import { fileError } from '../binary/file-error.ts';
import { WEIGHT_ARRAYS, type WeightDType, type WeightMap, type WeightTensor, weightTensor } from './weight-tensor.ts';

/** A safetensors file: its tensors and its free text. */
export interface Safetensors {
  readonly tensors: WeightMap;
  readonly metadata: Readonly<Record<string, string>>;
}

const NAMES = {
  F32: 'float32',
  F64: 'float64',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
} as const satisfies Record<string, WeightDType>;

const CODES = new Map<WeightDType, string>(Object.entries(NAMES).map(([code, dtype]) => [dtype, code]));
const MAX_HEADER = 100_000_000;

/** One tensor as the header describes it. */
interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Reads a safetensors file; the tensors are views into `bytes` where they are aligned.
 *
 * @throws FILE_TRUNCATED, FILE_FORMAT when damaged or when tensors overlap or leave gaps, FILE_UNSUPPORTED for 8-bit
 * floats and the like
 * @source safetensors format (https://github.com/huggingface/safetensors)
 * @parity safetensors.numpy.load
 */
export function readSafetensors(bytes: Uint8Array, file?: string): Safetensors {
  const { header, body } = splitHeader(bytes, file);
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isTextRecord(metadata)) throw malformed('metadata', metadata, 'texts by name', file);
  const checked = Object.entries(entries).map(([name, entry]): [string, Entry] => [
    name,
    checkedEntry(name, entry, file),
  ]);
  checkCovered(checked, body.length, file);
  return { tensors: new Map(checked.map(([name, entry]) => [name, tensorOf(name, entry, body, file)])), metadata };
}

function splitHeader(
  bytes: Uint8Array,
  file: string | undefined,
): { header: Record<string, unknown>; body: Uint8Array } {
  if (bytes.length < 8) throw truncated(bytes.length, 8, file);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER) throw malformed('header length', length, `at most ${MAX_HEADER}`, file);
  if (8 + length > bytes.length) throw truncated(bytes.length, 8 + length, file);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw fileError('FILE_FORMAT', { what: 'safetensors header', got: 'no JSON', cause }, file);
  }
  if (!isRecord(header)) throw malformed('header', header, 'an object', file);
  return { header, body: bytes.subarray(8 + length) };
}

function checkedEntry(name: string, entry: unknown, file: string | undefined): Entry {
  const what = `tensor ${name}`;
  if (!isRecord(entry)) throw malformed(what, entry, 'an object', file);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string') throw malformed(`dtype of ${what}`, dtype, 'a text', file);
  if (!isSizes(shape)) throw malformed(`shape of ${what}`, shape, 'whole numbers', file);
  if (!isSizes(offsets) || offsets.length !== 2) throw malformed(`offsets of ${what}`, offsets, 'two numbers', file);
  return { dtype, shape, data_offsets: offsets as unknown as [number, number] };
}

/** The format forbids gaps and overlaps, so that nothing can hide between tensors. */
function checkCovered(entries: readonly [string, Entry][], size: number, file: string | undefined): void {
  let end = 0;
  const byPlace = entries.map(([, entry]) => entry.data_offsets).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [start, next] of byPlace) {
    if (start !== end || next < start)
      throw malformed('place of a tensor', `${start} to ${next}`, `start at ${end}`, file);
    end = next;
  }
  if (end > size) throw truncated(size, end, file);
  if (end < size) throw malformed('bytes of all tensors', size, end, file);
}

function tensorOf(name: string, entry: Entry, body: Uint8Array, file: string | undefined): WeightTensor {
  const dtype = NAMES[entry.dtype as keyof typeof NAMES];
  if (!Object.hasOwn(NAMES, entry.dtype)) {
    const details = {
      what: `element type of tensor ${name}`,
      got: entry.dtype,
      expected: Object.keys(NAMES).join(', '),
    };
    throw fileError('FILE_UNSUPPORTED', details, file);
  }
  return weightTensor({ name, dtype, shape: entry.shape }, body.subarray(...entry.data_offsets), file);
}

/**
 * Writes a safetensors file. The same tensors give the same bytes whatever their order: wider elements first, so that
 * every tensor is aligned, then by name; metadata by name.
 *
 * @throws INVALID_ARGUMENT for a tensor called `__metadata__`, or whose values do not fit its shape
 */
export function writeSafetensors(
  tensors: WeightMap,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) => elementSize(b) - elementSize(a) || byText(nameA, nameB),
  );
  const header = headerBytes(ordered, metadata);
  const out = new Uint8Array(
    8 + header.length + ordered.reduce((size, [, tensor]) => size + tensor.data.byteLength, 0),
  );
  new DataView(out.buffer).setBigUint64(0, BigInt(header.length), true);
  out.set(header, 8);
  let at = 8 + header.length;
  for (const [, { data }] of ordered) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

function headerBytes(
  ordered: readonly [string, WeightTensor][],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const texts = Object.entries(metadata).sort(([a], [b]) => byText(a, b));
  const entries: [string, unknown][] = texts.length > 0 ? [['__metadata__', Object.fromEntries(texts)]] : [];
  let at = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    checkWritable(name, { dtype, shape, data });
    entries.push([name, { dtype: CODES.get(dtype), shape, data_offsets: [at, at + data.byteLength] }]);
    at += data.byteLength;
  }
  // Written by hand: an object would put names that look like numbers first.
  const json = `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  return padded;
}

function checkWritable(name: string, { dtype, shape, data }: WeightTensor): void {
  const expected = shape.reduce((count, size) => count * size, 1);
  if (name === '__metadata__') throw new VesaliusError('INVALID_ARGUMENT', { what: 'name of a tensor', got: name });
  if (data.length === expected && data.BYTES_PER_ELEMENT === WEIGHT_ARRAYS[dtype].BYTES_PER_ELEMENT) return;
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: `values of tensor ${name}, ${dtype} [${shape}]`,
    got: data.length,
    expected,
  });
}

function elementSize({ dtype }: WeightTensor): number {
  return WEIGHT_ARRAYS[dtype].BYTES_PER_ELEMENT;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((item) => typeof item === 'string');
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function malformed(what: string, got: unknown, expected: unknown, file: string | undefined): VesaliusError {
  return fileError('FILE_FORMAT', { what: `safetensors: ${what}`, got, expected }, file);
}

function truncated(got: number, expected: number, file: string | undefined): VesaliusError {
  return fileError(
    'FILE_TRUNCATED',
    { what: 'bytes of a safetensors file', got, expected: `at least ${expected}` },
    file,
  );
}
