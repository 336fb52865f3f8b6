import { VesaliusError } from '@vesalius/errors';
import { Tensor as OrtTensor } from '#onnxruntime';
import type { DType, TensorData } from '../graph/dtype.ts';
import { elementCount, type Shape, sameShape } from '../graph/shape.ts';
import type { TensorType } from '../graph/tensor.ts';

/** Numbers of a tensor. float16 stands as its bits, bool as 0 and 1. */
export interface TensorValue {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: TensorData;
}

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const;

export function emptyValue({ shape, dtype }: TensorType): TensorValue {
  return { shape, dtype, data: new ARRAYS[dtype](elementCount(shape)) };
}

export function scalarValue(value: number, dtype: DType = 'float32'): TensorValue {
  const data = dtype === 'int64' ? BigInt64Array.of(BigInt(value)) : ARRAYS[dtype as 'float32'].of(value);
  return { shape: [], dtype, data };
}

/** @throws SHAPE_MISMATCH or DTYPE_MISMATCH when the value is not what the graph declares */
export function assertValue(what: string, value: TensorValue, type: TensorType): void {
  if (value.dtype !== type.dtype)
    throw new VesaliusError('DTYPE_MISMATCH', { what, got: value.dtype, expected: type.dtype });
  if (!sameShape(value.shape, type.shape))
    throw new VesaliusError('SHAPE_MISMATCH', { what, got: value.shape, expected: type.shape });
}

/** The same memory as a tensor of the runtime. */
export function toOrt({ shape, dtype, data }: TensorValue): OrtTensor {
  const tensor = new OrtTensor(dtype as 'float32', data as Float32Array, shape as number[]);
  // The class turns 16-bit patterns into a Float16Array, which onnxruntime-node cannot read.
  if (dtype === 'float16') Object.defineProperty(tensor, 'data', { value: data });
  return tensor;
}

/** The same memory as a value. */
export function fromOrt(tensor: OrtTensor): TensorValue {
  const { data, type, dims } = tensor;
  const view = ARRAYS[type as DType];
  const bytes = data as unknown as ArrayBufferView<ArrayBuffer>;
  const same = data instanceof view ? data : new view(bytes.buffer, bytes.byteOffset, elementCount(dims));
  return { shape: dims, dtype: type as DType, data: same as TensorData };
}
