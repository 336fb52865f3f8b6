/** TensorProto.DataType by name. */
export const ONNX_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  complex128: 15,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e4m3fnuz: 18,
  float8e5m2: 19,
  float8e5m2fnuz: 20,
  uint4: 21,
  int4: 22,
  float4e2m1: 23,
  float8e8m0: 24,
  uint2: 25,
  int2: 26,
} as const;

export type OnnxTypeName = keyof typeof ONNX_TYPE;

const NAMES = new Map<number, OnnxTypeName>(
  Object.entries(ONNX_TYPE).map(([name, code]) => [code, name as OnnxTypeName]),
);

/** Bits an element takes in `rawData`; types below a byte are packed. */
const BITS: Readonly<Record<Exclude<OnnxTypeName, 'string'>, number>> = {
  float32: 32,
  uint8: 8,
  int8: 8,
  uint16: 16,
  int16: 16,
  int32: 32,
  int64: 64,
  bool: 8,
  float16: 16,
  float64: 64,
  uint32: 32,
  uint64: 64,
  complex64: 64,
  complex128: 128,
  bfloat16: 16,
  float8e4m3fn: 8,
  float8e4m3fnuz: 8,
  float8e5m2: 8,
  float8e5m2fnuz: 8,
  uint4: 4,
  int4: 4,
  float4e2m1: 4,
  float8e8m0: 8,
  uint2: 2,
  int2: 2,
};

/** The name of a TensorProto.DataType, undefined for 0 and for types newer than this table. */
export function onnxTypeName(dataType: number): OnnxTypeName | undefined {
  return NAMES.get(dataType);
}

/** Bytes that `count` elements take in `rawData`, undefined for strings and unknown types. */
export function onnxByteLength(dataType: number, count: number): number | undefined {
  const name = NAMES.get(dataType);
  return name === undefined || name === 'string' ? undefined : Math.ceil((BITS[name] * count) / 8);
}
