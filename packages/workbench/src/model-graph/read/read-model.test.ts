import { type OnnxModel, type OnnxNode, writeOnnx } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { blocksOf, boxesOf } from '../arrange/boxes-of.ts';
import { align } from '../compare/align.ts';
import { diffModels } from '../compare/diff-models.ts';
import { readProfile } from '../compare/read-profile.ts';
import { searchNodes } from '../compare/search-nodes.ts';
import { type ReadModel, readModel } from './read-model.ts';
import { weightFigures } from './weight-figures.ts';
import { weightValues } from './weight-values.ts';
import { writeNpy } from './write-npy.ts';

const FLOAT = 1;

function node(opType: string, inputs: string[], outputs: string[], rest: Partial<OnnxNode> = {}): OnnxNode {
  return { opType, domain: '', name: '', inputs, outputs, attributes: {}, ...rest };
}

function weight(name: string, dims: number[], values: number[]) {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

/** Two blocks of convolution and activation, then a node nobody knows. */
function network(change: { kernel?: number; scale?: number; extra?: OnnxNode[] } = {}): ReadModel {
  const kernel: OnnxNode['attributes'] = { kernel_shape: { kind: 'ints', value: [change.kernel ?? 3, 3] } };
  const model: OnnxModel = {
    irVersion: 8,
    producerName: 'test',
    producerVersion: '1',
    opsets: [{ domain: '', version: 17 }],
    metadata: {},
    graph: {
      name: 'net',
      inputs: [{ name: 'image', dataType: FLOAT, shape: ['batch', 1, 32, 32] }],
      outputs: [{ name: 'y', dataType: FLOAT, shape: ['batch', 2] }],
      initializers: [
        weight('encoder.0.conv.weight', [2, 2], [0, 1, 2, 3 * (change.scale ?? 1)]),
        weight('encoder.1.conv.weight', [1, 4], [1, 1, 1, 1]),
      ],
      nodes: [
        node('Conv', ['image', 'encoder.0.conv.weight'], ['a'], { attributes: kernel }),
        node('Relu', ['a'], ['b']),
        ...(change.extra ?? []),
        node('Conv', ['b', 'encoder.1.conv.weight'], ['c']),
        node('Unheard', ['c', '', 'a'], ['y'], { domain: 'org.example' }),
      ],
    },
  };
  return readModel(writeOnnx(model), 'net.onnx');
}

function sideOf({ model, tensors }: ReadModel) {
  const [graph] = model.graphs;
  if (!graph) throw new TypeError('a model has a graph');
  return { graph, tensors: tensors[0] ?? [] };
}

test('operators nobody knows, inputs, outputs and optional inputs are read as they stand', () => {
  const { graph } = sideOf(network());
  expect(graph.nodes.map(({ op }) => op)).toEqual(['input', 'Conv', 'Relu', 'Conv', 'Unheard', 'output']);
  expect(graph.nodes[1]?.attributes).toEqual([{ name: 'kernel_shape', text: '[3, 3]' }]);
  expect(graph.values.get('image')).toEqual({ type: 'float32', shape: ['batch', 1, 32, 32] });
  expect(boxesOf(graph, new Set()).lines).toHaveLength(6);
});

test('nodes without names lie in the blocks of the modules whose weights they read; closed blocks are one box', () => {
  const { graph } = sideOf(network());
  expect(graph.nodes[2]?.group).toEqual(['encoder', '0', 'conv']);
  expect([...blocksOf(graph)]).toContainEqual(['encoder/0', 2]);
  const closed = boxesOf(graph, new Set(['encoder/0']));
  expect(closed.boxes.map(({ members }) => members.length)).toEqual([1, 2, 1, 1, 1]);
  expect(closed.lines.map(({ value }) => value)).toEqual(['image', 'b', 'c', 'a', 'y']);
});

test('a branch becomes a graph of its own', () => {
  const inner = {
    name: 'then',
    inputs: [],
    outputs: [{ name: 't', dataType: FLOAT, shape: [] }],
    initializers: [],
    nodes: [node('Neg', ['image'], ['t'])],
  };
  const base = network();
  const branch = node('If', ['image'], ['b2'], {
    name: 'choice',
    attributes: { then_branch: { kind: 'graph', value: inner } },
  });
  const { model } = network({ extra: [branch] });
  expect(base.model.graphs).toHaveLength(1);
  expect(model.graphs[1]?.nodes.map(({ op }) => op)).toEqual(['Neg', 'output']);
  expect(model.graphs[0]?.nodes.find(({ op }) => op === 'If')?.opens).toEqual([1]);
});

test('a weight gives figures, a histogram that counts every value, and a NumPy file', () => {
  const { tensors } = sideOf(network());
  const [tensor = {}] = tensors;
  const values = weightValues(tensor);
  const figures = values && weightFigures(values);
  expect(figures).toMatchObject({ count: 4, least: 0, most: 3, mean: 1.5, zeros: 1, notFinite: 0 });
  expect(figures?.histogram.reduce((sum, count) => sum + count, 0)).toBe(4);
  const file = writeNpy(tensor) ?? new Uint8Array();
  const text = new TextDecoder('latin1').decode(file.subarray(0, 128));
  expect(text).toContain("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }");
  expect((file.length - 16) % 64).toBe(0);
  expect(new Float32Array(file.slice(-16).buffer)).toEqual(Float32Array.of(0, 1, 2, 3));
});

test('values that are no numbers are told apart', () => {
  const figures = weightFigures(Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY));
  expect(figures).toMatchObject({ count: 3, notFinite: 2, mean: 1, deviation: 0 });
});

test('two models are told apart: attributes, weights, nodes that came and went', () => {
  const same = diffModels(sideOf(network()), sideOf(network()));
  expect(same).toMatchObject({ nodes: [], weights: [] });
  const other = network({ kernel: 5, scale: 2, extra: [node('Dropout', ['b'], ['b2'])] });
  const diff = diffModels(sideOf(network()), sideOf(other));
  expect(diff.nodes).toEqual([
    { node: 1, change: 'changed', details: ['kernel_shape: [3, 3] → [5, 3]', 'encoder.0.conv.weight: ± 3.00'] },
    { node: 3, change: 'added', details: [] },
  ]);
  expect(diff.weights).toEqual([{ name: 'encoder.0.conv.weight', node: 1, change: 'changed', largest: 3 }]);
  const back = diffModels(sideOf(other), sideOf(network()));
  const gone = back.nodes.find(({ change }) => change === 'removed');
  expect(back.graph.nodes[gone?.node ?? -1]).toMatchObject({ op: 'Dropout', inputs: ['b'], outputs: ['b2 (−)'] });
});

test('words are paired in their order with as few left over as can be', () => {
  expect([...align([...'abcabba'], [...'cbabac'])].filter((place) => place !== -1)).toHaveLength(4);
  expect([...align([], ['a'])]).toEqual([]);
  expect([...align(['a', 'b'], ['b'])]).toEqual([-1, 0]);
  const many = Array.from({ length: 5000 }, (_, i) => `${i}`);
  expect(align(many, many.toReversed())[0]).toBe(4999);
});

test('search finds names, operators, blocks, attributes and shapes', () => {
  const { graph } = sideOf(network());
  expect(searchNodes(graph, 'conv encoder/1')).toEqual([3, 4]);
  expect(searchNodes(graph, '1x32x32')).toEqual([0, 1]);
  expect(searchNodes(graph, '[1, 4]')).toEqual([3]);
  expect(searchNodes(graph, 'kernel_shape=3x3')).toEqual([1]);
  expect(searchNodes(graph, '  ')).toEqual([]);
});

test('a profile of onnxruntime gives the mean time of each node, also when it was cut short', () => {
  const event = (name: string, dur: number) =>
    JSON.stringify({ cat: 'Node', name: `${name}_kernel_time`, dur, args: { op_name: 'Conv', provider: 'CPU' } });
  const text = `[${event('a', 10)},${event('b', 5)},${event('a', 20)},`;
  expect(readProfile(text)).toEqual([
    { name: 'a', op: 'Conv', provider: 'CPU', microseconds: 15 },
    { name: 'b', op: 'Conv', provider: 'CPU', microseconds: 5 },
  ]);
  expect(() => readProfile('{}')).toThrow('FILE_FORMAT');
});
