import { elementCount, range, type Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { add, bitwiseAnd, bitwiseXor, cos, div, greaterOrEqual, log, mul, sqrt } from './elementwise.ts';
import { cast } from './selection.ts';
import { reshape } from './shaping.ts';
import { constant } from './source.ts';

const WORD = 0xffffffff;

/**
 * Uniform numbers in [0, 1) that depend only on the key, the stream and the place: the same on every runtime.
 *
 * @param key - int64 scalar, 0 to 2^31 - 1, fed at every run
 * @param stream - tells apart the random numbers of one run
 * @source integer finaliser of MurmurHash3, applied to a counter
 */
export function randomUniform(key: Tensor, shape: Shape, stream: number): Tensor {
  const count = elementCount(shape);
  const counter = constant(range(count, 1), [count], 'int64');
  const seeded = word(add(mul(counter, 0x9e3779b1), mul(add(mul(key, 2), 2 * stream + 1), 0x27d4eb2f)));
  const mixed = finalise(finalise(seeded));
  return reshape(mul(cast(shiftRight(mixed, 8), 'float32'), 2 ** -24), shape);
}

/** Standard normal numbers, by Box and Muller. */
export function randomNormal(key: Tensor, shape: Shape, stream: number): Tensor {
  const radius = sqrt(mul(log(add(randomUniform(key, shape, 2 * stream), 2 ** -25)), -2));
  return mul(radius, cos(mul(randomUniform(key, shape, 2 * stream + 1), 2 * Math.PI)));
}

/** 1 with the probability given, else 0. */
export function randomBernoulli(key: Tensor, shape: Shape, stream: number, probability: number): Tensor {
  return cast(greaterOrEqual(randomUniform(key, shape, stream), 1 - probability), 'float32');
}

const word = (x: Tensor): Tensor => bitwiseAnd(x, WORD);
const shiftRight = (x: Tensor, places: number): Tensor => div(x, 2 ** places);
const mixShift = (x: Tensor, places: number): Tensor => bitwiseXor(x, shiftRight(x, places));

/** Multipliers stay below 2^31, so that a product of two 32-bit words fits an int64. */
function finalise(x: Tensor): Tensor {
  const once = word(mul(mixShift(x, 16), 0x45d9f3b));
  return mixShift(word(mul(mixShift(once, 15), 0x2c1b3c6d)), 16);
}
