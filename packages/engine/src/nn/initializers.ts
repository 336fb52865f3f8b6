import { elementCount, type Shape } from '../graph/shape.ts';
import type { Random } from '../random/random.ts';

/** First values of a parameter. */
export type Initializer = (shape: Shape, random: Random) => Float32Array<ArrayBuffer>;

export function filledWith(value: number): Initializer {
  return (shape) => new Float32Array(elementCount(shape)).fill(value);
}

export const zeros: Initializer = filledWith(0);
export const ones: Initializer = filledWith(1);

/** Uniform in [-bound, bound). */
export function uniform(bound: number): Initializer {
  return (shape, random) =>
    Float32Array.from({ length: elementCount(shape) }, () => (2 * random.uniform() - 1) * bound);
}

export function normal(deviation: number): Initializer {
  return (shape, random) => Float32Array.from({ length: elementCount(shape) }, () => random.normal() * deviation);
}

/** Normal, drawn anew beyond two deviations. */
export function truncatedNormal(deviation: number): Initializer {
  const draw = (random: Random): number => {
    const value = random.normal();
    return Math.abs(value) <= 2 ? value : draw(random);
  };
  return (shape, random) => Float32Array.from({ length: elementCount(shape) }, () => draw(random) * deviation);
}

/** Inputs that meet in one output of a weight `[out, in, ...kernel]`. */
export function fanIn(shape: Shape): number {
  return elementCount(shape.slice(1));
}

/** @source He et al. 2015; gain for a leaky ReLU of the given slope */
export function kaimingNormal(negativeSlope = 0): Initializer {
  return (shape, random) => normal(Math.sqrt(2 / ((1 + negativeSlope ** 2) * fanIn(shape))))(shape, random);
}

/** PyTorch's default for linear and convolution weights and biases: uniform within 1 / sqrt(fan-in). */
export function uniformByFanIn(inputs?: number): Initializer {
  return (shape, random) => uniform(1 / Math.sqrt(inputs ?? fanIn(shape)))(shape, random);
}

/** @source Glorot and Bengio 2010 */
export const xavierUniform: Initializer = (shape, random) => {
  const [out = 1, inputs = 1, ...kernel] = shape;
  return uniform(Math.sqrt(6 / ((out + inputs) * elementCount(kernel))))(shape, random);
};
