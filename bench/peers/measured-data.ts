import type { TensorValue } from '@vesalius/engine';
import type { TrainingCase } from './training-cases.ts';

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Numbers in [-1, 1) from a linear congruential generator. */
export function measuredNoise(shape: readonly number[], seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: count(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** One batch; the same one is learned from again and again. */
export function measuredBatch({
  inputShape,
  targetShape,
  classes,
}: TrainingCase): Record<'input' | 'target', TensorValue> {
  const target = measuredNoise(targetShape, 2).map((value) => Math.floor(((value + 1) / 2) * classes));
  return {
    input: { shape: inputShape, dtype: 'float32', data: measuredNoise(inputShape, 1) },
    target: { shape: targetShape, dtype: 'float32', data: target },
  };
}
