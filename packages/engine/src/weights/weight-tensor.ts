import { fileError } from '../binary/file-error.ts';

/** Element types a weight file can hold; float16 and bfloat16 stand as their 16 bits, bool as 0 and 1. */
export const WEIGHT_ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint64: BigUint64Array,
  uint32: Uint32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

export type WeightDType = keyof typeof WEIGHT_ARRAYS;

export type WeightData = InstanceType<(typeof WEIGHT_ARRAYS)[WeightDType]>;

/** A named parameter's values, last axis fastest. */
export interface WeightTensor {
  readonly dtype: WeightDType;
  readonly shape: readonly number[];
  /** An array of the type that WEIGHT_ARRAYS names for `dtype`. */
  readonly data: WeightData;
}

/** Tensors by the names the file gives them. */
export type WeightMap = ReadonlyMap<string, WeightTensor>;

/** Values in a shape; NaN, which equals no count, for sizes that are negative or not whole. */
export function countOf(shape: readonly number[]): number {
  return shape.every((size) => Number.isSafeInteger(size) && size >= 0)
    ? shape.reduce((n, size) => n * size, 1)
    : Number.NaN;
}

/** What `weightTensor` is to make of the bytes. */
export interface WeightLayout {
  readonly name: string;
  readonly dtype: WeightDType;
  readonly shape: readonly number[];
}

/**
 * A tensor over little-endian bytes: a view where they are aligned, a copy where they are not.
 *
 * @throws FILE_FORMAT when the bytes do not fit the shape
 */
export function weightTensor({ name, dtype, shape }: WeightLayout, bytes: Uint8Array, file?: string): WeightTensor {
  const size = WEIGHT_ARRAYS[dtype].BYTES_PER_ELEMENT;
  const expected = countOf(shape) * size;
  if (bytes.length !== expected) {
    const details = { what: `bytes of tensor ${name}, ${dtype} [${shape}]`, got: bytes.length, expected };
    throw fileError('FILE_FORMAT', details, file);
  }
  // Not `slice`, which does not copy where the bytes are a Buffer of Node.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const data = new WEIGHT_ARRAYS[dtype](aligned.buffer as ArrayBuffer, aligned.byteOffset, bytes.length / size);
  return { dtype, shape, data };
}
