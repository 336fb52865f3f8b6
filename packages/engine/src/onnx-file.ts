/** What stands in an ONNX file, without anything that runs it: for programs that only look at models. */
export { bfloat16ToFloat32, float16ToFloat32 } from './binary/half-precision.ts';
export { decodeOnnx } from './onnx/format/decode-onnx.ts';
export {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx/format/onnx-schema.ts';
export { ONNX_TYPE, onnxTypeName } from './onnx/format/onnx-type.ts';
export { tensorBytes } from './onnx/format/tensor-bytes.ts';
