import type { Size } from './sample.ts';

/**
 * Gaussian weights, each the integral over one voxel; index 0 is the centre.
 *
 * @param truncated - where the weights end, in standard deviations
 */
export function gaussianWeights(sigma: number, truncated = 4): Float64Array {
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
  const strides = [height * width, width, 1];
  for (let axis = 0; axis < 3; axis++) {
    const s = sigma[axis] as number;
    if (s > 0 && (axis > 0 || depth > 1)) {
      filterAxis(
        data,
        { length: size[axis] as number, stride: strides[axis] as number },
        gaussianWeights(s, truncated),
      );
    }
  }
}

/** Lines are handled `stride` at a time, so that memory is walked in order whatever the axis. */
function filterAxis(data: Float32Array, axis: { length: number; stride: number }, weights: Float64Array): void {
  const { length, stride } = axis;
  const block = length * stride;
  const result = new Float32Array(block);
  for (let start = 0; start < data.length; start += block) {
    for (let i = 0; i < length; i++) {
      const to = i * stride;
      scaleLine(result.subarray(to, to + stride), data.subarray(start + to, start + to + stride), weights[0] as number);
      for (let k = 1; k < weights.length; k++) {
        const before = i - k >= 0 ? start + to - k * stride : -1;
        const after = i + k < length ? start + to + k * stride : -1;
        addLines(result, data, { to, before, after, stride, weight: weights[k] as number });
      }
    }
    data.set(result, start);
  }
}

function scaleLine(target: Float32Array, source: Float32Array, weight: number): void {
  for (let j = 0; j < target.length; j++) target[j] = weight * (source[j] as number);
}

interface Lines {
  readonly to: number;
  readonly before: number;
  readonly after: number;
  readonly stride: number;
  readonly weight: number;
}

function addLines(target: Float32Array, data: Float32Array, { to, before, after, stride, weight }: Lines): void {
  if (before >= 0 && after >= 0) {
    for (let j = 0; j < stride; j++) {
      const pair = (data[before + j] as number) + (data[after + j] as number);
      target[to + j] = (target[to + j] as number) + weight * pair;
    }
  } else if (before >= 0 || after >= 0) {
    const from = Math.max(before, after);
    for (let j = 0; j < stride; j++) target[to + j] = (target[to + j] as number) + weight * (data[from + j] as number);
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
