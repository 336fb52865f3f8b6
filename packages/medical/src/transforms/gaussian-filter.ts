import type { Size } from './sample.ts';

/**
 * Gaussian weights, each the integral over one voxel; index 0 is the centre.
 *
 * @param truncated - where the weights end, in standard deviations
 */
function gaussianWeights(sigma: number, truncated = 4): Float64Array {
  const tail = Math.floor(Math.max(sigma * truncated, 0.5) + 0.5);
  const scale = Math.SQRT1_2 / sigma;
  const weights = new Float64Array(tail + 1);
  for (let i = 0; i <= tail; i++) weights[i] = 0.5 * (erf(scale * (i + 0.5)) - erf(scale * (i - 0.5)));
  return weights;
}

/** Smooths one channel along z, y, x in place, with 0 outside; a sigma of 0 leaves its axis. */
export function gaussianFilter(
  data: Float32Array,
  size: Size,
  { sigma, truncated = 4 }: { readonly sigma: readonly number[]; readonly truncated?: number },
): void {
  const [depth, height, width] = size;
  const [alongZ = 0, alongY = 0, alongX = 0] = sigma;
  if (alongZ > 0 && depth > 1)
    filterAxis(data, { length: depth, stride: height * width }, gaussianWeights(alongZ, truncated));
  if (alongY > 0) filterAxis(data, { length: height, stride: width }, gaussianWeights(alongY, truncated));
  if (alongX > 0) filterRows(data, width, gaussianWeights(alongX, truncated));
}

/** Sums shifted copies of whole planes, so that memory is walked in order whatever the axis. */
function filterAxis(data: Float32Array, axis: { length: number; stride: number }, weights: Float64Array): void {
  const { length, stride } = axis;
  const block = length * stride;
  const result = new Float32Array(block);
  for (let start = 0; start < data.length; start += block) {
    const center = weights[0] as number;
    for (let i = 0; i < block; i++) result[i] = center * (data[start + i] as number);
    for (let k = 1; k < weights.length && k < length; k++)
      addShifted(result, data, { start, shift: k * stride, weight: weights[k] as number });
    data.set(result, start);
  }
}

interface Shifted {
  readonly start: number;
  readonly shift: number;
  readonly weight: number;
}

function addShifted(target: Float32Array, data: Float32Array, { start, shift, weight }: Shifted): void {
  const block = target.length;
  for (let i = 0; i < block; i++) {
    const before = i >= shift ? (data[start + i - shift] as number) : 0;
    const after = i + shift < block ? (data[start + i + shift] as number) : 0;
    target[i] = (target[i] as number) + weight * (before + after);
  }
}

function filterRows(data: Float32Array, length: number, weights: Float64Array): void {
  const tail = weights.length - 1;
  const padded = new Float64Array(length + 2 * tail);
  for (let start = 0; start < data.length; start += length) {
    for (let i = 0; i < length; i++) padded[tail + i] = data[start + i] as number;
    for (let i = 0; i < length; i++) {
      let sum = (weights[0] as number) * (padded[tail + i] as number);
      for (let k = 1; k <= tail; k++)
        sum += (weights[k] as number) * ((padded[tail + i - k] as number) + (padded[tail + i + k] as number));
      data[start + i] = sum;
    }
  }
}

/** To 1e-15: the series near 0, the continued fraction beyond. */
function erf(x: number): number {
  if (x < 0) return -erf(-x);
  if (x > 6) return 1;
  const square = x * x;
  if (x < 2.5) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (2 * square) / (2 * n + 1);
      sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum;
  }
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return 1 - Math.exp(-square) / (Math.sqrt(Math.PI) * fraction);
}
