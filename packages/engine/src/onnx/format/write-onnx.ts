import { VesaliusError } from '@vesalius/errors';
import { encodeMessage } from '../../protobuf/encode-message.ts';
import type {
  OnnxAttribute,
  OnnxFunction,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from './onnx-model.ts';
import {
  ATTRIBUTE_TYPE,
  type AttributeProto,
  type DimensionProto,
  type FunctionProto,
  type GraphProto,
  MODEL,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx-schema.ts';
import { onnxByteLength } from './onnx-type.ts';

const UTF8 = new TextEncoder();

/**
 * Writes an ONNX model. The same model gives the same bytes; initializers are copied once, into an allocation of the
 * final size.
 *
 * @throws INVALID_ARGUMENT when a tensor's bytes do not fit its shape, an integer attribute is not an integer, or the
 * model reaches 2 GiB
 * @source ONNX, onnx.proto
 */
export function writeOnnx(model: OnnxModel): Uint8Array<ArrayBuffer> {
  return encodeMessage(
    {
      irVersion: model.irVersion,
      producerName: model.producerName,
      producerVersion: model.producerVersion,
      docString: model.docString,
      graph: graphProto(model.graph),
      opsetImport: [...model.opsets],
      metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
      functions: model.functions?.map(functionProto),
    },
    MODEL,
  );
}

function graphProto(graph: OnnxGraph): GraphProto {
  return {
    name: graph.name,
    node: graph.nodes.map(nodeProto),
    initializer: graph.initializers.map(tensorProto),
    input: graph.inputs.map(valueProto),
    output: graph.outputs.map(valueProto),
    valueInfo: graph.valueInfo?.map(valueProto),
    docString: graph.docString,
  };
}

function nodeProto(node: OnnxNode): NodeProto {
  return {
    opType: node.opType,
    domain: node.domain === '' ? undefined : node.domain,
    name: node.name === '' ? undefined : node.name,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: attributeProtos(node.attributes),
    overload: node.overload,
  };
}

function attributeProtos(attributes: Readonly<Record<string, OnnxAttribute>>): AttributeProto[] {
  return Object.entries(attributes).map(([name, attribute]) => ({ name, ...attributeProto(attribute) }));
}

function attributeProto(attribute: OnnxAttribute): AttributeProto {
  if (attribute.kind === 'reference') return { type: attribute.type, refAttrName: attribute.value };
  const type = ATTRIBUTE_TYPE[attribute.kind];
  switch (attribute.kind) {
    case 'int':
      return { type, i: attribute.value };
    case 'float':
      return { type, f: attribute.value };
    case 'string':
      return { type, s: UTF8.encode(attribute.value) };
    case 'tensor':
      return { type, t: tensorProto(attribute.value) };
    case 'graph':
      return { type, g: graphProto(attribute.value) };
    case 'ints':
      return { type, ints: [...attribute.value] };
    case 'floats':
      return { type, floats: [...attribute.value] };
    case 'strings':
      return { type, strings: attribute.value.map((item) => UTF8.encode(item)) };
  }
}

function tensorProto({ name, dims, dataType, rawData }: OnnxTensor): TensorProto {
  const count = dims.reduce((product, size) => product * size, 1);
  const expected = onnxByteLength(dataType, count);
  if (rawData.length !== expected) {
    const what = `bytes of ONNX tensor ${name}, type ${dataType}, [${dims}]`;
    throw new VesaliusError('INVALID_ARGUMENT', { what, got: rawData.length, expected });
  }
  return { name: name === '' ? undefined : name, dims: [...dims], dataType, rawData };
}

function valueProto({ name, dataType, shape, rankUnknown }: OnnxValue): ValueInfoProto {
  if (dataType === 0) return { name };
  const dim = shape.map(dimensionProto);
  return { name, type: { tensorType: { elemType: dataType, shape: rankUnknown ? undefined : { dim } } } };
}

function dimensionProto(size: number | string): DimensionProto {
  if (typeof size === 'number') return { dimValue: size };
  return size === '' ? {} : { dimParam: size };
}

function functionProto(item: OnnxFunction): FunctionProto {
  return {
    name: item.name,
    domain: item.domain,
    overload: item.overload,
    input: [...item.inputs],
    output: [...item.outputs],
    attribute: [...item.attributes],
    attributeProto: attributeProtos(item.attributeDefaults),
    node: item.nodes.map(nodeProto),
    opsetImport: [...item.opsets],
    docString: item.docString,
  };
}
