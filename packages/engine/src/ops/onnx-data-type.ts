import type { DType } from '../graph/dtype.ts';

const NUMBERS = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
} as const satisfies Record<DType, number>;

/** Number of an element type in ONNX's TensorProto.DataType. */
export function onnxDataType(dtype: DType): number {
  return NUMBERS[dtype];
}
