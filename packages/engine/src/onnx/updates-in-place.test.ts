import { expect, test } from 'vitest';
import type { OnnxNode } from './format/onnx-model.ts';
import { updatesInPlace } from './updates-in-place.ts';

const node = (opType: string, inputs: string[], output: string): OnnxNode => ({
  opType,
  domain: '',
  name: output,
  inputs,
  outputs: [output],
  attributes: {},
});
const graph = (...nodes: OnnxNode[]) => ({ name: '', nodes, initializers: [], inputs: [], outputs: [] });
const moment = [
  node('Mul', ['m', 'beta'], 'kept'),
  node('Add', ['kept', 'g'], 'sum'),
  node('Identity', ['sum'], 'next'),
];

test('a moment that is read once on the way to its next value may be overwritten', () => {
  expect(updatesInPlace(graph(...moment))('m', 'next')).toBe(true);
});

test('a value that something besides reads, or a view of it, may not be overwritten', () => {
  expect(updatesInPlace(graph(...moment, node('Mul', ['m', 'x'], 'other')))('m', 'next')).toBe(false);
  expect(updatesInPlace(graph(node('Reshape', ['m'], 'view'), node('Add', ['view', 'g'], 'next')))('m', 'next')).toBe(
    false,
  );
});

test('the node that writes may not be the one that reads', () => {
  expect(updatesInPlace(graph(node('Sub', ['p', 'g'], 'next')))('p', 'next')).toBe(false);
});
