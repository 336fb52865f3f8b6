import type { VesaliusError } from '@vesalius/errors';
import { fileError } from '../../binary/file-error.ts';
import { decodeMessage } from '../../protobuf/decode-message.ts';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxOpset,
  OnnxTensor,
  OnnxValue,
} from './onnx-model.ts';
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  type FunctionProto,
  type GraphProto,
  MODEL,
  type NodeProto,
  type OperatorSetIdProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-schema.ts';
import { tensorBytes } from './tensor-bytes.ts';

/**
 * Reads an ONNX model. Initializers are views into `bytes`, not copies.
 *
 * @throws FILE_TRUNCATED, FILE_FORMAT; FILE_UNSUPPORTED for external data, sparse and string tensors, and attributes
 * that hold several tensors, graphs or types
 * @source ONNX, onnx.proto
 * @parity onnx.load_model_from_string
 */
export function readOnnx(bytes: Uint8Array, file?: string): OnnxModel {
  return new ModelReader(file).model(bytes);
}

class ModelReader {
  readonly #file: string | undefined;

  constructor(file: string | undefined) {
    this.#file = file;
  }

  model(bytes: Uint8Array): OnnxModel {
    const proto = decodeMessage(bytes, MODEL, this.#file);
    if (proto.graph === undefined) throw this.#error('FILE_FORMAT', 'ONNX model', 'no graph', 'a graph');
    return {
      irVersion: proto.irVersion ?? 0,
      producerName: proto.producerName ?? '',
      producerVersion: proto.producerVersion ?? '',
      opsets: (proto.opsetImport ?? []).map(opset),
      metadata: Object.fromEntries((proto.metadataProps ?? []).map(({ key = '', value = '' }) => [key, value])),
      graph: this.#graph(proto.graph),
      ...(proto.functions === undefined ? {} : { functions: proto.functions.map((item) => this.#function(item)) }),
      ...(proto.docString === undefined ? {} : { docString: proto.docString }),
    };
  }

  #graph(proto: GraphProto): OnnxGraph {
    if (proto.sparseInitializer !== undefined) {
      throw this.#error('FILE_UNSUPPORTED', `ONNX graph ${proto.name ?? ''}`, 'sparse initializers', 'dense ones');
    }
    return {
      name: proto.name ?? '',
      nodes: (proto.node ?? []).map((item) => this.#node(item)),
      initializers: (proto.initializer ?? []).map((item) => this.#tensor(item)),
      inputs: (proto.input ?? []).map(value),
      outputs: (proto.output ?? []).map(value),
      ...(proto.valueInfo === undefined ? {} : { valueInfo: proto.valueInfo.map(value) }),
      ...(proto.docString === undefined ? {} : { docString: proto.docString }),
    };
  }

  #node(proto: NodeProto): OnnxNode {
    return {
      opType: proto.opType ?? '',
      domain: proto.domain ?? '',
      name: proto.name ?? '',
      inputs: proto.input ?? [],
      outputs: proto.output ?? [],
      attributes: this.#attributes(proto.attribute ?? []),
      ...(proto.overload ? { overload: proto.overload } : {}),
    };
  }

  #attributes(protos: readonly AttributeProto[]): Record<string, OnnxAttribute> {
    return Object.fromEntries(protos.map((item) => [item.name ?? '', this.#attribute(item)]));
  }

  #attribute(proto: AttributeProto): OnnxAttribute {
    const type = proto.type ?? 0;
    if (proto.refAttrName) return { kind: 'reference', value: proto.refAttrName, type };
    switch (type) {
      case ATTRIBUTE_TYPE.float:
        return { kind: 'float', value: proto.f ?? 0 };
      case ATTRIBUTE_TYPE.int:
        return { kind: 'int', value: proto.i ?? 0 };
      case ATTRIBUTE_TYPE.string:
        return { kind: 'string', value: this.#text(proto.s ?? new Uint8Array(), proto) };
      case ATTRIBUTE_TYPE.tensor:
        return { kind: 'tensor', value: this.#tensor(proto.t ?? {}) };
      case ATTRIBUTE_TYPE.graph:
        return { kind: 'graph', value: this.#graph(proto.g ?? {}) };
      case ATTRIBUTE_TYPE.floats:
        return { kind: 'floats', value: proto.floats ?? [] };
      case ATTRIBUTE_TYPE.ints:
        return { kind: 'ints', value: proto.ints ?? [] };
      case ATTRIBUTE_TYPE.strings:
        return { kind: 'strings', value: (proto.strings ?? []).map((item) => this.#text(item, proto)) };
      default:
        throw this.#error('FILE_UNSUPPORTED', `ONNX attribute ${proto.name ?? ''}`, `type ${type}`, 'a type of 1 to 8');
    }
  }

  /** Attribute strings are bytes in the file; those that are not UTF-8 would not survive as text. */
  #text(content: Uint8Array, proto: AttributeProto): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    } catch {
      throw this.#error('FILE_UNSUPPORTED', `ONNX attribute ${proto.name ?? ''}`, 'bytes that are not UTF-8', 'text');
    }
  }

  #tensor(proto: TensorProto): OnnxTensor {
    const rawData = tensorBytes(proto, this.#file);
    return { name: proto.name ?? '', dims: proto.dims ?? [], dataType: proto.dataType ?? 0, rawData };
  }

  #function(proto: FunctionProto): OnnxFunction {
    return {
      name: proto.name ?? '',
      domain: proto.domain ?? '',
      inputs: proto.input ?? [],
      outputs: proto.output ?? [],
      attributes: proto.attribute ?? [],
      attributeDefaults: this.#attributes(proto.attributeProto ?? []),
      nodes: (proto.node ?? []).map((item) => this.#node(item)),
      opsets: (proto.opsetImport ?? []).map(opset),
      ...(proto.overload === undefined ? {} : { overload: proto.overload }),
      ...(proto.docString === undefined ? {} : { docString: proto.docString }),
    };
  }

  #error(code: 'FILE_FORMAT' | 'FILE_UNSUPPORTED', what: string, got: string, expected: string): VesaliusError {
    return fileError(code, { what, got, expected }, this.#file);
  }
}

function opset(proto: OperatorSetIdProto): OnnxOpset {
  return { domain: proto.domain ?? '', version: proto.version ?? 0 };
}

function value(proto: ValueInfoProto): OnnxValue {
  const tensorType = proto.type?.tensorType;
  const shape = tensorType?.shape;
  return {
    name: proto.name ?? '',
    dataType: tensorType?.elemType ?? 0,
    shape: (shape?.dim ?? []).map(({ dimValue, dimParam }) => dimValue ?? dimParam ?? ''),
    ...(shape === undefined ? { rankUnknown: true as const } : {}),
  };
}
