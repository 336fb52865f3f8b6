import { expect, test } from 'vitest';
import * as $ from '../ops/operations.ts';
import { toOnnx } from './to-onnx.ts';

test('refuses an output that is named like an input', () => {
  const image = $.input('image', [2]);
  expect(() => toOnnx({ image: $.exp(image) })).toThrow(
    'INVALID_ARGUMENT: graph output, got image, as an input is named, expected distinct names',
  );
  expect(() => toOnnx({ image })).toThrow('graph output');
});

test('refuses two inputs of one name', () => {
  const sum = $.add($.input('image', [2]), $.input('image', [2]));
  expect(() => toOnnx({ sum })).toThrow('INVALID_ARGUMENT: graph input, got two named image, expected distinct names');
});

test('gives inputs in the order of their names', () => {
  const { graph } = toOnnx({ sum: $.add($.input('b', [2]), $.input('a', [2])) });
  expect(graph.inputs.map(({ name }) => name)).toEqual(['a', 'b']);
});
