import { expect, test } from 'vitest';
import { withShift } from './shift-predictor.ts';

/** Two values a voxel: its own, and whether its place in the window is even along every axis. */
const predict = async (window: Float32Array): Promise<Float32Array> => {
  const even = Float32Array.from(window, (_, i) => Number([i % 3, Math.floor(i / 3) % 2].every((at) => at % 2 === 0)));
  return Float32Array.of(...window, ...even);
};

test('averages a window and the same one a voxel further, each voxel with itself', async () => {
  const window = Float32Array.of(1, 2, 3, 4, 5, 6);
  const answer = await withShift(predict, [1, 2, 3])(window);
  expect([...answer.subarray(0, 6)]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...answer.subarray(6)]).toEqual([0.5, 0, 1, 0, 0, 0]);
});
