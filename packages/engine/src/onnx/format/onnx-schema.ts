import { bigint, bytes, double, float, int, message, repeated, type Schema, string } from '../../protobuf/schema.ts';

/**
 * The messages of an ONNX file as they stand on the wire, and their tables.
 * @source ONNX, onnx.proto (IR version 13)
 */
export interface ModelProto {
  irVersion?: number | undefined;
  producerName?: string | undefined;
  producerVersion?: string | undefined;
  docString?: string | undefined;
  graph?: GraphProto | undefined;
  opsetImport?: OperatorSetIdProto[] | undefined;
  metadataProps?: StringStringEntryProto[] | undefined;
  functions?: FunctionProto[] | undefined;
}
export interface OperatorSetIdProto {
  domain?: string | undefined;
  version?: number | undefined;
}
export interface StringStringEntryProto {
  key?: string | undefined;
  value?: string | undefined;
}
export interface GraphProto {
  node?: NodeProto[] | undefined;
  name?: string | undefined;
  initializer?: TensorProto[] | undefined;
  docString?: string | undefined;
  input?: ValueInfoProto[] | undefined;
  output?: ValueInfoProto[] | undefined;
  valueInfo?: ValueInfoProto[] | undefined;
  sparseInitializer?: EmptyProto[] | undefined;
}
export interface NodeProto {
  input?: string[] | undefined;
  output?: string[] | undefined;
  name?: string | undefined;
  opType?: string | undefined;
  attribute?: AttributeProto[] | undefined;
  domain?: string | undefined;
  overload?: string | undefined;
}
export interface AttributeProto {
  name?: string | undefined;
  f?: number | undefined;
  i?: number | undefined;
  s?: Uint8Array | undefined;
  t?: TensorProto | undefined;
  g?: GraphProto | undefined;
  floats?: number[] | undefined;
  ints?: number[] | undefined;
  strings?: Uint8Array[] | undefined;
  graphs?: GraphProto[] | undefined;
  type?: number | undefined;
  refAttrName?: string | undefined;
}
export interface TensorProto {
  dims?: number[] | undefined;
  dataType?: number | undefined;
  floatData?: number[] | undefined;
  int32Data?: number[] | undefined;
  stringData?: Uint8Array[] | undefined;
  int64Data?: bigint[] | undefined;
  name?: string | undefined;
  rawData?: Uint8Array | undefined;
  doubleData?: number[] | undefined;
  uint64Data?: bigint[] | undefined;
  externalData?: StringStringEntryProto[] | undefined;
  dataLocation?: number | undefined;
}
export interface ValueInfoProto {
  name?: string | undefined;
  type?: TypeProto | undefined;
}
export interface TypeProto {
  tensorType?: TensorTypeProto | undefined;
}
export interface TensorTypeProto {
  elemType?: number | undefined;
  shape?: TensorShapeProto | undefined;
}
export interface TensorShapeProto {
  dim?: DimensionProto[] | undefined;
}
export interface DimensionProto {
  dimValue?: number | undefined;
  dimParam?: string | undefined;
}
export interface FunctionProto {
  name?: string | undefined;
  input?: string[] | undefined;
  output?: string[] | undefined;
  attribute?: string[] | undefined;
  node?: NodeProto[] | undefined;
  docString?: string | undefined;
  opsetImport?: OperatorSetIdProto[] | undefined;
  domain?: string | undefined;
  attributeProto?: AttributeProto[] | undefined;
  overload?: string | undefined;
}
/** A message of which only the presence matters. */
export type EmptyProto = Record<never, never>;

const EMPTY: Schema<EmptyProto> = {};
const ENTRY: Schema<StringStringEntryProto> = { key: string(1), value: string(2) };
const OPSET: Schema<OperatorSetIdProto> = { domain: string(1), version: int(2) };
const DIMENSION: Schema<DimensionProto> = { dimValue: int(1), dimParam: string(2) };
const SHAPE: Schema<TensorShapeProto> = { dim: repeated(message(1, () => DIMENSION)) };
const TENSOR_TYPE: Schema<TensorTypeProto> = { elemType: int(1), shape: message(2, () => SHAPE) };
const TYPE: Schema<TypeProto> = { tensorType: message(1, () => TENSOR_TYPE) };
const VALUE: Schema<ValueInfoProto> = { name: string(1), type: message(2, () => TYPE) };

const TENSOR: Schema<TensorProto> = {
  dims: repeated(int(1)),
  dataType: int(2),
  floatData: repeated(float(4)),
  int32Data: repeated(int(5)),
  stringData: repeated(bytes(6)),
  int64Data: repeated(bigint(7)),
  name: string(8),
  rawData: bytes(9),
  doubleData: repeated(double(10)),
  uint64Data: repeated(bigint(11)),
  externalData: repeated(message(13, () => ENTRY)),
  dataLocation: int(14),
};

const ATTRIBUTE: Schema<AttributeProto> = {
  name: string(1),
  f: float(2),
  i: int(3),
  s: bytes(4),
  t: message(5, () => TENSOR),
  g: message(6, () => GRAPH),
  floats: repeated(float(7)),
  ints: repeated(int(8)),
  strings: repeated(bytes(9)),
  graphs: repeated(message(11, () => GRAPH)),
  type: int(20),
  refAttrName: string(21),
};

const NODE: Schema<NodeProto> = {
  input: repeated(string(1)),
  output: repeated(string(2)),
  name: string(3),
  opType: string(4),
  attribute: repeated(message(5, () => ATTRIBUTE)),
  domain: string(7),
  overload: string(8),
};

const GRAPH: Schema<GraphProto> = {
  node: repeated(message(1, () => NODE)),
  name: string(2),
  initializer: repeated(message(5, () => TENSOR)),
  docString: string(10),
  input: repeated(message(11, () => VALUE)),
  output: repeated(message(12, () => VALUE)),
  valueInfo: repeated(message(13, () => VALUE)),
  sparseInitializer: repeated(message(15, () => EMPTY)),
};

const FUNCTION: Schema<FunctionProto> = {
  name: string(1),
  input: repeated(string(4)),
  output: repeated(string(5)),
  attribute: repeated(string(6)),
  node: repeated(message(7, () => NODE)),
  docString: string(8),
  opsetImport: repeated(message(9, () => OPSET)),
  domain: string(10),
  attributeProto: repeated(message(11, () => ATTRIBUTE)),
  overload: string(13),
};

export const MODEL: Schema<ModelProto> = {
  irVersion: int(1),
  producerName: string(2),
  producerVersion: string(3),
  docString: string(6),
  graph: message(7, () => GRAPH),
  opsetImport: repeated(message(8, () => OPSET)),
  metadataProps: repeated(message(14, () => ENTRY)),
  functions: repeated(message(25, () => FUNCTION)),
};

/** AttributeProto.AttributeType of the kinds that are read and written. */
export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;
