/** An array shaped `[outer, count, inner]` around the axis that is worked on. */
export interface AxisView {
  readonly outer: number;
  readonly count: number;
  readonly inner: number;
}

export type Reals = Float32Array | Float64Array;

const POLE = Math.sqrt(3) - 2;
const GAIN = 6;
// |POLE| ** 40 is below 1e-22: terms beyond it change nothing.
const HORIZON = 40;

/**
 * Turns samples along one axis into cubic B-spline coefficients, in place, the samples mirrored about both ends.
 *
 * @source Unser 1999, Splines: a perfect fit for signal and image processing, box 2
 */
export function prefilterCubic(data: Reals, { outer, count, inner }: AxisView): void {
  if (count < 2) return;
  for (let o = 0; o < outer; o++) {
    const start = o * count * inner;
    const last = start + (count - 1) * inner;
    for (let i = 0; i < inner; i++) data[start + i] = GAIN * causalStart(data, { at: start + i, count, step: inner });
    for (let at = start + inner; at < last + inner; at++) {
      data[at] = GAIN * (data[at] as number) + POLE * (data[at - inner] as number);
    }
    for (let at = last; at < last + inner; at++) {
      data[at] = (POLE / (POLE * POLE - 1)) * (POLE * (data[at - inner] as number) + (data[at] as number));
    }
    for (let at = last - 1; at >= start; at--) data[at] = POLE * ((data[at + inner] as number) - (data[at] as number));
  }
}

function causalStart(data: Reals, { at, count, step }: { at: number; count: number; step: number }): number {
  if (count > HORIZON) {
    let sum = 0;
    for (let k = HORIZON - 1; k >= 0; k--) sum = sum * POLE + (data[at + k * step] as number);
    return sum;
  }
  const period = 2 * count - 2;
  let sum = 0;
  for (let k = period - 1; k >= 0; k--) sum = sum * POLE + (data[at + (k < count ? k : period - k) * step] as number);
  return sum / (1 - POLE ** period);
}

/** Where `setCubicTaps` writes: the four coefficients around a place, and the weight of each, from index `at` on. */
export interface CubicTaps {
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** The coefficients that make the value at a place between 0 and `count - 1`, mirrored about the ends. */
export function setCubicTaps({ indices, weights }: CubicTaps, at: number, place: number, count: number): void {
  const base = Math.floor(place);
  const t = place - base;
  const u = 1 - t;
  weights[at] = (u * u * u) / 6;
  weights[at + 1] = 2 / 3 - (t * t * (2 - t)) / 2;
  weights[at + 2] = 2 / 3 - (u * u * (2 - u)) / 2;
  weights[at + 3] = (t * t * t) / 6;
  for (let tap = 0; tap < 4; tap++) indices[at + tap] = mirrored(base - 1 + tap, count);
}

function mirrored(index: number, count: number): number {
  if (count === 1) return 0;
  const period = 2 * count - 2;
  const folded = index < 0 ? -index : index % period;
  return folded < count ? folded : period - folded;
}
