import { ops as $, compile } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { groupContrast } from './contrast.ts';

async function contrastOf(vectors: readonly number[], groups: readonly number[]): Promise<number> {
  const shape = [groups.length, vectors.length / groups.length];
  const program = await compile(
    { outputs: { loss: groupContrast($.input('x', shape), groups, 0.5) }, states: {} },
    { threads: 1 },
  );
  const found = await program.run({ x: { shape, dtype: 'float32', data: Float32Array.from(vectors) } });
  await program.close();
  return Number(found['loss']?.data[0]);
}

test('is the cross entropy of finding those of the own group among all others', async () => {
  // Two groups of two; equal within, at right angles between: e^2 against 2 e^0.
  expect(await contrastOf([1, 0, 3, 0, 0, 2, 0, 1], [0, 0, 1, 1])).toBeCloseTo(Math.log(1 + 2 * Math.exp(-2)), 5);
  expect(await contrastOf([1, 0, 0, 2, 3, 0, 0, 1], [0, 0, 1, 1])).toBeCloseTo(Math.log(2 + Math.exp(2)), 5);
});

test('vectors that are all the same have the loss of guessing', async () => {
  expect(await contrastOf([1, 1, 1, 1, 1, 1, 1, 1], [0, 0, 1, 1])).toBeCloseTo(Math.log(3), 5);
});

test('refuses groups that leave nothing to contrast', () => {
  expect(() => groupContrast($.input('x', [2, 3]), [0, 0])).toThrow('INVALID_ARGUMENT');
  expect(() => groupContrast($.input('x', [3, 3]), [0, 0, 1])).toThrow('INVALID_ARGUMENT');
});
