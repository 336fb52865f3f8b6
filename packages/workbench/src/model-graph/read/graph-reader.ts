import {
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  ONNX_TYPE,
  onnxTypeName,
  type TensorProto,
  type ValueInfoProto,
} from '@vesalius/engine/onnx-file';
import { groupsOf } from './groups-of.ts';
import type { GraphNode, GraphValue, ModelGraph, Weight } from './model-graph.ts';
import { attributeText } from './read-attribute.ts';

const EXTERNAL = 1;

/** What all graphs of one model share while they are read. */
interface Reading {
  readonly graphs: ModelGraph[];
  readonly tensors: TensorProto[][];
  /** Place in `graphs` of the function that `domain:name` calls; those places are taken after the whole. */
  readonly functions: ReadonlyMap<string, number>;
}

/** Turns the graphs of a file into graphs to look at; each inner graph gets a place of its own. */
export class GraphReader {
  readonly #reading: Reading;
  #next: number;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#next = reading.functions.size + 1;
  }

  graph(proto: GraphProto, title: string, place = 0): void {
    const constants = (proto.node ?? []).filter((node) => isConstant(node, proto));
    const tensors = [...(proto.initializer ?? []), ...constants.map(constantTensor)];
    const weights = tensors.map(weightOf);
    const places = new Map(weights.map(({ name }, i) => [name, i]));
    const hidden = new Set(constants);
    const nodes = (proto.node ?? []).filter((node) => !hidden.has(node)).map((node) => this.#node(node, places, title));
    const inputs = (proto.input ?? []).filter(({ name = '' }) => !places.has(name)).map(inputNode);
    const outputs = (proto.output ?? []).map((value) => outputNode(value, places));
    const all = [...inputs, ...nodes, ...outputs];
    const groups = groupsOf(all, weights);
    this.#reading.tensors[place] = tensors;
    this.#reading.graphs[place] = {
      title,
      nodes: all.map((node, i) => ({ ...node, group: groups[i] ?? [] })),
      weights,
      values: valuesOf(proto),
    };
  }

  #node(proto: NodeProto, places: ReadonlyMap<string, number>, title: string): GraphNode {
    const attributes = proto.attribute ?? [];
    const inputs = proto.input ?? [];
    return {
      kind: 'op',
      op: proto.opType ?? '',
      domain: proto.domain ?? '',
      name: proto.name ?? '',
      inputs,
      outputs: proto.output ?? [],
      attributes: attributes.map((item) => ({ name: item.name ?? '', text: attributeText(item) })),
      weights: inputs.flatMap((name) => places.get(name) ?? []),
      opens: [...this.#function(proto), ...attributes.flatMap((item) => this.#inner(item, proto, title))],
      group: [],
    };
  }

  #function({ domain, opType }: NodeProto): number[] {
    const place = this.#reading.functions.get(functionKey({ domain, name: opType }));
    return place === undefined ? [] : [place];
  }

  #inner(attribute: AttributeProto, node: NodeProto, title: string): number[] {
    const found = [...(attribute.g ? [attribute.g] : []), ...(attribute.graphs ?? [])];
    return found.map((graph) => {
      const place = this.#next++;
      this.graph(graph, `${title} / ${node.name || node.opType} / ${attribute.name}`, place);
      return place;
    });
  }
}

/** How a node says which function it calls. */
export function functionKey({ domain, name }: { domain?: string | undefined; name?: string | undefined }): string {
  return `${domain ?? ''}:${name ?? ''}`;
}

/** A node that only holds a value is shown with those that read it, unless its value leaves the graph. */
function isConstant(node: NodeProto, graph: GraphProto): boolean {
  if (node.opType !== 'Constant' || (node.domain ?? '') !== '') return false;
  const [attribute] = node.attribute ?? [];
  const held = ['value', 'value_float', 'value_int', 'value_floats', 'value_ints'].includes(attribute?.name ?? '');
  return held && !(graph.output ?? []).some(({ name }) => name === node.output?.[0]);
}

function constantTensor(node: NodeProto): TensorProto {
  const name = node.output?.[0] ?? '';
  const [{ t, f, i, floats, ints } = {}] = node.attribute ?? [];
  if (t) return { ...t, name };
  if (floats || f !== undefined) {
    return { name, dims: floats ? [floats.length] : [], dataType: ONNX_TYPE.float32, floatData: floats ?? [f ?? 0] };
  }
  const whole = (ints ?? [i ?? 0]).map((value) => BigInt(Math.round(value)));
  return { name, dims: ints ? [ints.length] : [], dataType: ONNX_TYPE.int64, int64Data: whole };
}

function weightOf(tensor: TensorProto): Weight {
  const location = tensor.externalData?.find(({ key }) => key === 'location')?.value ?? 'another file';
  return {
    name: tensor.name ?? '',
    type: typeName(tensor.dataType ?? 0),
    shape: tensor.dims ?? [],
    ...(tensor.dataLocation === EXTERNAL ? { elsewhere: location } : {}),
  };
}

function typeName(dataType: number): string {
  return dataType === 0 ? '' : (onnxTypeName(dataType) ?? String(dataType));
}

const EMPTY = { domain: '', attributes: [], weights: [], opens: [], group: [] };

function inputNode({ name = '' }: ValueInfoProto): GraphNode {
  return { ...EMPTY, kind: 'input', op: 'input', name, inputs: [], outputs: [name] };
}

function outputNode({ name = '' }: ValueInfoProto, places: ReadonlyMap<string, number>): GraphNode {
  const weight = places.get(name);
  return {
    ...EMPTY,
    kind: 'output',
    op: 'output',
    name,
    inputs: [name],
    outputs: [],
    weights: weight === undefined ? [] : [weight],
  };
}

function valuesOf(proto: GraphProto): Map<string, GraphValue> {
  const stated = [...(proto.valueInfo ?? []), ...(proto.output ?? []), ...(proto.input ?? [])];
  return new Map(
    stated.map(({ name = '', type }) => {
      const shape = type?.tensorType?.shape;
      const sizes = shape && (shape.dim ?? []).map(({ dimValue, dimParam }) => dimValue ?? (dimParam || '?'));
      return [name, { type: typeName(type?.tensorType?.elemType ?? 0), shape: sizes }];
    }),
  );
}
