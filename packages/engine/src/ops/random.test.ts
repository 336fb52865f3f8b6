import { expect, test } from 'vitest';
import type { Tensor } from '../graph/tensor.ts';
import { compile } from '../runtime/compile.ts';
import { scalarValue } from '../runtime/tensor-value.ts';
import * as $ from './operations.ts';

async function draw(build: (key: Tensor) => Tensor, keys: readonly number[]): Promise<number[][]> {
  const program = await compile({ outputs: { y: build($.input('key', [], 'int64')) }, states: {} }, { threads: 1 });
  const drawn: number[][] = [];
  for (const key of keys)
    drawn.push(Array.from((await program.run({ key: scalarValue(key, 'int64') }))['y']?.data ?? [], Number));
  await program.close();
  return drawn;
}

const moments = (values: readonly number[]): { mean: number; variance: number } => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length };
};

test('uniform numbers fill [0, 1) evenly, differ by key and stream, and repeat with them', async () => {
  const [a, again, other] = (await draw((key) => $.randomUniform(key, [50_000], 3), [5, 5, 6])) as [
    number[],
    number[],
    number[],
  ];
  expect(a).toEqual(again);
  expect(a).not.toEqual(other);
  const bins = new Array<number>(50).fill(0);
  for (const value of a) bins[Math.floor(value * 50)] = (bins[Math.floor(value * 50)] as number) + 1;
  const chiSquare = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  expect(chiSquare).toBeLessThan(49 + 4 * Math.sqrt(98));
  expect(Math.abs(correlation(a, other))).toBeLessThan(0.02);
  expect(Math.abs(correlation(a.slice(1), a.slice(0, -1)))).toBeLessThan(0.02);
});

test('streams of one key do not follow each other', async () => {
  const [both] = (await draw(
    (key) => $.concat([$.randomUniform(key, [20_000], 0), $.randomUniform(key, [20_000], 1)], 0),
    [1],
  )) as [number[]];
  expect(Math.abs(correlation(both.slice(0, 20_000), both.slice(20_000)))).toBeLessThan(0.03);
});

test('normal numbers have mean 0 and variance 1', async () => {
  const [values] = (await draw((key) => $.randomNormal(key, [50_000], 0), [9])) as [number[]];
  const { mean, variance } = moments(values);
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.03);
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [moments(a), moments(b)];
  const covariance = a.reduce((sum, value, i) => sum + (value - ma.mean) * ((b[i] as number) - mb.mean), 0) / a.length;
  return covariance / Math.sqrt(ma.variance * mb.variance);
}
