import { expect, test } from 'vitest';
import { float32ToFloat16 } from '../binary/half-precision.ts';
import * as $ from '../ops/operations.ts';
import type { WeightTensor } from '../weights/weight-tensor.ts';
import { batchNorm, linear } from './layers.ts';
import { loadWeights } from './load-weights.ts';
import { createNetworkBuilder, type Variable } from './scope.ts';

function network(): readonly Variable[] {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const hidden = linear(scope.child('first'), $.input('x', [2, 3]), { outFeatures: 2 });
  batchNorm(scope.child('norm'), $.reshape(hidden, [2, 2, 1]));
  return variables();
}

const tensor = (shape: readonly number[], start: number): WeightTensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  return { dtype: 'float32', shape, data: Float32Array.from({ length: count }, (_, i) => start + i) };
};

const stateDict = (prefix = ''): Map<string, WeightTensor> => {
  const shapes = Object.entries({ 'first.weight': [2, 3], 'first.bias': [2], 'norm.weight': [2], 'norm.bias': [2] });
  const statistics = Object.entries({ 'norm.running_mean': [2], 'norm.running_var': [2] });
  const entries = [...shapes, ...statistics].map(([name, shape], i) => [prefix + name, tensor(shape, 10 * i)] as const);
  const counter = { dtype: 'int64', shape: [], data: BigInt64Array.of(7n) } as const;
  return new Map<string, WeightTensor>([...entries, [`${prefix}norm.num_batches_tracked`, counter]]);
};

test('takes a PyTorch state dict whole: parameters, running statistics, not the counter of batches', () => {
  const { values, missing, unexpected, mismatched } = loadWeights(network(), stateDict());
  expect([missing, unexpected, mismatched]).toEqual([[], [], []]);
  expect(values.size).toBe(6);
  expect(values.get('norm.running_var')).toEqual({ shape: [2], dtype: 'float32', data: Float32Array.of(50, 51) });
});

test('renames and leaves out, and widens half precision', () => {
  const weights = stateDict('module.');
  const half = { dtype: 'float16', shape: [2], data: float32ToFloat16(Float32Array.of(0.5, -3)) } as const;
  weights.set('module.first.bias', half).set('teacher.weight', tensor([1], 0));
  const rename = (name: string): string | undefined => (name.startsWith('module.') ? name.slice(7) : undefined);
  expect(loadWeights(network(), weights, { rename }).values.get('first.bias')?.data).toEqual(Float32Array.of(0.5, -3));
});

test('refuses what does not fit, naming the first of each kind', () => {
  const weights = stateDict();
  weights.delete('first.bias');
  weights.set('first.weight', tensor([3, 2], 0));
  for (const name of ['a', 'b', 'c', 'd']) weights.set(name, tensor([1], 0));
  expect(() => loadWeights(network(), weights)).toThrow(
    'CHECKPOINT_MISMATCH: weights, got missing: first.bias; unexpected: a, b, c and 1 more; of another shape: first.weight [3,2] for [2,3]',
  );
});

test('reports instead of refusing when asked to, and loads what fits', () => {
  const weights = stateDict();
  weights.delete('first.bias');
  weights.set('head.weight', tensor([1], 0)).set('norm.bias', tensor([4], 0));
  const loaded = loadWeights(network(), weights, { strict: false });
  expect(loaded.missing).toEqual(['first.bias']);
  expect(loaded.unexpected).toEqual(['head.weight']);
  expect(loaded.mismatched).toEqual([{ name: 'norm.bias', got: [4], expected: [2] }]);
  expect([...loaded.values.keys()].sort()).toEqual([
    'first.weight',
    'norm.running_mean',
    'norm.running_var',
    'norm.weight',
  ]);
});
