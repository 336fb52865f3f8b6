import { fileError } from '../../binary/file-error.ts';
import type { TensorProto } from './onnx-schema.ts';
import { ONNX_TYPE, onnxByteLength, onnxTypeName } from './onnx-type.ts';

const EXTERNAL = 1;

/**
 * The elements of a tensor as raw bytes, whichever field of TensorProto holds them.
 *
 * `raw_data` is returned as it stands, without a copy.
 * @throws FILE_UNSUPPORTED for strings and data in another file, FILE_FORMAT when the count does not fit the shape
 */
export function tensorBytes(tensor: TensorProto, file?: string): Uint8Array {
  const what = `ONNX tensor ${tensor.name ?? ''}`;
  const refusal = (got: string, expected: string) => fileError('FILE_UNSUPPORTED', { what, got, expected }, file);
  if (tensor.dataLocation === EXTERNAL) throw refusal(`data in ${locationOf(tensor)}`, 'data inside the model file');
  const dataType = tensor.dataType ?? 0;
  const expected = onnxByteLength(dataType, elementCount(tensor.dims ?? []));
  if (expected === undefined) throw refusal(`element type ${onnxTypeName(dataType) ?? dataType}`, 'numbers');
  const raw = tensor.rawData?.length ? tensor.rawData : typedFieldBytes(tensor, dataType);
  if (raw.length === expected) return raw;
  const details = {
    what: `${what} of [${tensor.dims ?? []}]`,
    got: `${raw.length} bytes`,
    expected: `${expected} bytes`,
  };
  throw fileError('FILE_FORMAT', details, file);
}

/** @source onnx.proto, TensorProto: which field holds which element types */
function typedFieldBytes(tensor: TensorProto, dataType: number): Uint8Array {
  switch (dataType) {
    case ONNX_TYPE.float32:
    case ONNX_TYPE.complex64:
      return bytesOf(Float32Array.from(tensor.floatData ?? []));
    case ONNX_TYPE.float64:
    case ONNX_TYPE.complex128:
      return bytesOf(Float64Array.from(tensor.doubleData ?? []));
    case ONNX_TYPE.int64:
      return bytesOf(BigInt64Array.from(tensor.int64Data ?? []));
    case ONNX_TYPE.uint64:
      return bytesOf(BigUint64Array.from(tensor.uint64Data ?? []));
    case ONNX_TYPE.uint32:
      return bytesOf(Uint32Array.from(tensor.uint64Data ?? [], Number));
    case ONNX_TYPE.int32:
      return bytesOf(Int32Array.from(tensor.int32Data ?? []));
    case ONNX_TYPE.int16:
    case ONNX_TYPE.uint16:
    case ONNX_TYPE.float16:
    case ONNX_TYPE.bfloat16:
      return bytesOf(Uint16Array.from(tensor.int32Data ?? []));
    default:
      return Uint8Array.from(tensor.int32Data ?? []);
  }
}

/** NaN, which fits no length, when a size is negative. */
function elementCount(dims: readonly number[]): number {
  if (dims.some((size) => size < 0)) return Number.NaN;
  return dims.reduce((count, size) => count * size, 1);
}

function locationOf(tensor: TensorProto): string {
  return tensor.externalData?.find((entry) => entry.key === 'location')?.value ?? 'another file';
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
