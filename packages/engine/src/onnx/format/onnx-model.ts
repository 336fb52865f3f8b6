/**
 * One attribute of a node.
 *
 * `int` and `ints` are int64 in the file. A number holds them exactly to 2^53; beyond, the nearest number, and
 * INT64_MAX and INT64_MIN (the open ends of Slice) survive a round trip.
 */
export type OnnxAttribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: OnnxTensor }
  | { readonly kind: 'graph'; readonly value: OnnxGraph }
  | OnnxAttributeReference;

/**
 * Inside a function only: takes the value of the function's attribute `value`, of AttributeProto.AttributeType `type`.
 */
export interface OnnxAttributeReference {
  readonly kind: 'reference';
  readonly value: string;
  readonly type: number;
}

export interface OnnxTensor {
  readonly name: string;
  readonly dims: readonly number[];
  /** TensorProto.DataType, see ONNX_TYPE. */
  readonly dataType: number;
  /** Elements little-endian, last axis fastest; two 4-bit elements a byte, the first in the low half. */
  readonly rawData: Uint8Array;
}

export interface OnnxNode {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  /** An empty name stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** Which of several functions of this name is called. */
  readonly overload?: string;
}

export interface OnnxValue {
  readonly name: string;
  /** TensorProto.DataType; 0 when the type is not stated or not a tensor. */
  readonly dataType: number;
  /** A number, or the name of a dimension that varies; '' for one that is not stated. */
  readonly shape: readonly (number | string)[];
  /** True when not even the number of dimensions is stated; `shape` is then empty. */
  readonly rankUnknown?: true;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly valueInfo?: readonly OnnxValue[];
  readonly docString?: string;
}

/** The set of operators a model is written in; domain '' is ONNX's own. */
export interface OnnxOpset {
  readonly domain: string;
  readonly version: number;
}

/** An operator that the model itself defines. */
export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes without a default. */
  readonly attributes: readonly string[];
  readonly attributeDefaults: Readonly<Record<string, OnnxAttribute>>;
  readonly nodes: readonly OnnxNode[];
  readonly opsets: readonly OnnxOpset[];
  readonly docString?: string;
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly opsets: readonly OnnxOpset[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly graph: OnnxGraph;
  readonly functions?: readonly OnnxFunction[];
  readonly docString?: string;
}
