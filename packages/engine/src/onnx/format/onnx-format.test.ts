import { VesaliusError } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { type GoldenCase, goldenValues, readGolden } from '../../../../../golden/read-golden.ts';
import { damagedCopies } from '../../binary/damaged-copies.ts';
import { ONNX_TYPE } from './onnx-type.ts';
import { readOnnx } from './read-onnx.ts';
import { writeOnnx } from './write-onnx.ts';

const golden = readGolden('formats/onnx');

function fileOf(name: string): Uint8Array {
  const found = golden.cases.find((item) => item.name === name) as GoldenCase;
  return goldenValues(found.inputs['file'] as never) as Uint8Array;
}

const FILE = fileOf('every attribute and tensor');

test('reads every kind of attribute', () => {
  const [node] = readOnnx(FILE).graph.nodes;
  expect(node).toMatchObject({
    opType: 'Everything',
    domain: 'test.domain',
    name: 'the node',
    inputs: ['x', '', 'w'],
    outputs: ['y'],
  });
  expect(node?.attributes).toMatchObject({
    an_int: { kind: 'int', value: -3 },
    a_big: { kind: 'int', value: 2 ** 63 },
    a_small: { kind: 'int', value: -(2 ** 63) },
    a_float: { kind: 'float', value: Math.fround(0.1) },
    a_text: { kind: 'string', value: 'ünï' },
    some_ints: { kind: 'ints', value: [1, -1, 2 ** 40] },
    some_floats: { kind: 'floats', value: [0.5, -1.5] },
    some_texts: { kind: 'strings', value: ['a', ''] },
    a_tensor: { kind: 'tensor', value: { name: 'inside', dims: [2, 1], dataType: ONNX_TYPE.int32 } },
    a_graph: { kind: 'graph', value: { name: 'inner', outputs: [{ name: 'then', rankUnknown: true }] } },
  });
});

test('reads graph, values, operator sets, metadata and functions', () => {
  const model = readOnnx(FILE);
  expect(model).toMatchObject({
    irVersion: 10,
    producerName: 'golden',
    opsets: [
      { domain: '', version: 20 },
      { domain: 'test.domain', version: 1 },
    ],
    metadata: { author: 'nobody', note: '' },
  });
  expect(model.graph).toMatchObject({
    name: 'a graph',
    docString: 'what it is',
    inputs: [
      { name: 'x', dataType: ONNX_TYPE.float32, shape: ['batch', 3, ''] },
      { name: 'unranked', dataType: ONNX_TYPE.int64, shape: [], rankUnknown: true },
    ],
    outputs: [{ name: 'y', dataType: ONNX_TYPE.float16, shape: [] }],
    valueInfo: [{ name: 'between', dataType: ONNX_TYPE.bool, shape: [0] }],
  });
  expect(model.graph.outputs[0]).not.toHaveProperty('rankUnknown');
  expect(model.functions).toMatchObject([
    {
      name: 'Everything',
      domain: 'test.domain',
      inputs: ['a'],
      attributes: ['slope'],
      attributeDefaults: { gain: { kind: 'float', value: 2 } },
      nodes: [{ opType: 'LeakyRelu', attributes: { alpha: { kind: 'reference', value: 'slope', type: 1 } } }],
    },
  ]);
});

test('reads the elements of every type, raw and from the typed fields', () => {
  const [{ expected }] = golden.cases as [GoldenCase];
  const initializers = readOnnx(FILE).graph.initializers;
  expect(initializers.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const { name, rawData } of initializers) {
    expect(Array.from(rawData), name).toEqual(Array.from(goldenValues(expected[name] as never)));
  }
});

test('reads raw elements as views into the file', () => {
  const [first] = readOnnx(FILE).graph.initializers;
  expect(first?.rawData.buffer).toBe(FILE.buffer);
});

test('reads back what it wrote, byte for byte the same every time', () => {
  const model = readOnnx(FILE);
  const written = writeOnnx(model);
  expect(readOnnx(written)).toEqual(model);
  expect(writeOnnx(readOnnx(written))).toEqual(written);
});

test.each(golden.cases.filter(({ options }) => options['refused']))('refuses $name, naming it', ({ name, options }) => {
  const expected = { code: options['refused'], message: expect.stringContaining(options['names'] as string) };
  expect(() => readOnnx(fileOf(name), 'm.onnx')).toThrow(expect.objectContaining(expected));
});

test('refuses bytes that are no model, saying which file', () => {
  expect(() => readOnnx(new TextEncoder().encode('hello'), 'm.onnx')).toThrow(/m\.onnx/);
  expect(() => readOnnx(new Uint8Array(0))).toThrow(expect.objectContaining({ code: 'FILE_FORMAT' }));
  expect(() => readOnnx(FILE.subarray(0, FILE.length - 3))).toThrow(
    expect.objectContaining({ code: 'FILE_TRUNCATED' }),
  );
});

test('refuses to write a tensor whose bytes do not fit its shape', () => {
  const model = readOnnx(FILE);
  const wrong = { name: 'w', dims: [3], dataType: ONNX_TYPE.float32, rawData: new Uint8Array(8) };
  const graph = { ...model.graph, initializers: [wrong] };
  expect(() => writeOnnx({ ...model, graph })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});

test('answers damaged files with coded errors only', () => {
  for (const copy of damagedCopies(FILE, 4000)) {
    try {
      readOnnx(copy);
    } catch (error) {
      expect(error).toBeInstanceOf(VesaliusError);
    }
  }
});
