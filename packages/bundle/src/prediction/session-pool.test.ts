import { ops as $, openOnnx, toOnnx, writeOnnx } from '@vesalius/engine';
import { afterAll, expect, test } from 'vitest';
import { openSessionPool } from './session-pool.ts';

const twice = writeOnnx(toOnnx({ y: $.mul($.input('x', [3]), 2) }));
const value = (...numbers: number[]) => ({
  x: { shape: [3], dtype: 'float32' as const, data: Float32Array.from(numbers) },
});
const more = { threads: 2, onProgress: () => undefined };
const pool = await openSessionPool(twice, more);
afterAll(() => pool.close());

test('runs side by side answer each question with its own result', async () => {
  expect(pool).toMatchObject({ parallelRuns: 2, inputNames: ['x'], outputNames: ['y'], backend: 'cpu' });
  const answers = await Promise.all(Array.from({ length: 9 }, (_, i) => pool.run(value(i, i + 1, -i))));
  expect(answers.map((answer) => Array.from(answer['y']?.data as Float32Array))).toEqual(
    Array.from({ length: 9 }, (_, i) => [2 * i, 2 * i + 2, -2 * i]),
  );
});

test('a run that fails says what one session says, and the next one runs', async () => {
  const wrong = { x: { shape: [2], dtype: 'float32' as const, data: Float32Array.of(1, 2) } };
  const single = await openOnnx(twice, { threads: 1 });
  const expected = await single.run(wrong).catch((error: Error) => error.message);
  await expect(pool.run(wrong)).rejects.toThrow(expected as string);
  expect((await pool.run(value(1, 2, 3)))['y']?.data).toEqual(Float32Array.of(2, 4, 6));
  await single.close();
});

test('a model that cannot be loaded is refused as by one session', async () => {
  await expect(openSessionPool(new Uint8Array(9), { threads: 2 })).rejects.toThrow(/RUNTIME_FAILED: loading a graph/);
});

test('one thread needs no pool', async () => {
  const single = await openSessionPool(twice, { threads: 1 });
  expect(single.parallelRuns).toBe(1);
  await single.close();
});
