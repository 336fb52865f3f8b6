import {
  bfloat16ToFloat32,
  float16ToFloat32,
  onnxTypeName,
  type TensorProto,
  tensorBytes,
} from '@vesalius/engine/onnx-file';

/** Numbers of a weight, 64-bit integers as the nearest float64. */
export type WeightValues =
  | Float32Array
  | Float64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** @returns undefined where the values are not in the file, are texts, or are of a packed or unknown type */
export function weightValues(tensor: TensorProto): WeightValues | undefined {
  const bytes = rawBytes(tensor);
  if (bytes === undefined) return undefined;
  const { buffer } = bytes;
  switch (onnxTypeName(tensor.dataType ?? 0)) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'float16':
      return float16ToFloat32(new Uint16Array(buffer));
    case 'bfloat16':
      return bfloat16ToFloat32(new Uint16Array(buffer));
    case 'int64':
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case 'uint64':
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'uint8':
    case 'bool':
      return bytes;
    default:
      return undefined;
  }
}

/** A copy of its own, so that arrays of any element size may lie over it. */
export function rawBytes(tensor: TensorProto): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(tensorBytes(tensor));
  } catch {
    return undefined;
  }
}
