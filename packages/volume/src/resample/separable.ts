import type { Triple, VoxelArray } from '../volume.ts';
import { type AxisView, prefilterCubic, type Reals } from './b-spline.ts';
import type { Taps } from './taps.ts';

/** Nearest neighbours of one frame on axes that both grids share. */
export function nearestFrame(source: VoxelArray, size: Triple, taps: readonly Taps[], target: VoxelArray): void {
  const [xs, ys, zs] = taps.map(({ indices }) => indices) as [Int32Array, Int32Array, Int32Array];
  const [nx, ny] = size;
  let to = 0;
  for (let z = 0; z < zs.length; z++) {
    for (let y = 0; y < ys.length; y++) {
      const row = nx * ((ys[y] as number) + ny * (zs[z] as number));
      for (let x = 0; x < xs.length; x++) target[to++] = source[row + (xs[x] as number)] as number;
    }
  }
}

/**
 * Linear or cubic interpolation of one frame, an axis at a time, the axis that shrinks most first.
 *
 * @param samples - overwritten when the interpolation is cubic
 */
export function interpolateFrame(samples: Reals, size: Triple, taps: readonly Taps[]): Reals {
  const growth = (axis: number): number => outputsOf(taps[axis] as Taps) / (size[axis] as number);
  const order = [0, 1, 2].filter((axis) => !taps[axis]?.isIdentity).sort((a, b) => growth(a) - growth(b));
  const sizes: number[] = [...size];
  let data = samples;
  for (const axis of order) {
    const view = axisView(sizes, axis);
    const axisTaps = taps[axis] as Taps;
    if (axisTaps.perOutput === 4) prefilterCubic(data, view);
    data = interpolateAxis(data, view, axisTaps);
    sizes[axis] = outputsOf(axisTaps);
  }
  return data;
}

function outputsOf({ indices, perOutput }: Taps): number {
  return indices.length / perOutput;
}

/** How an axis lies in memory, x fastest. */
export function axisView(sizes: readonly number[], axis: number): AxisView {
  const product = (part: readonly number[]): number => part.reduce((all, n) => all * n, 1);
  return { outer: product(sizes.slice(axis + 1)), count: sizes[axis] as number, inner: product(sizes.slice(0, axis)) };
}

function interpolateAxis(data: Reals, view: AxisView, taps: Taps): Reals {
  const outputs = outputsOf(taps);
  const length = view.outer * outputs * view.inner;
  const result = data instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (let o = 0; o < view.outer; o++) {
    for (let i = 0; i < outputs; i++) {
      const to = (o * outputs + i) * view.inner;
      const from = o * view.count * view.inner;
      if (taps.perOutput === 2) rowOfTwo(data, result, { from, to, i, inner: view.inner }, taps);
      else rowOfFour(data, result, { from, to, i, inner: view.inner }, taps);
    }
  }
  return result;
}

interface Row {
  readonly from: number;
  readonly to: number;
  /** Number of the output along the axis. */
  readonly i: number;
  readonly inner: number;
}

function rowOfTwo(data: Reals, result: Reals, { from, to, i, inner }: Row, { indices, weights }: Taps): void {
  const [w0, w1] = [weights[2 * i] as number, weights[2 * i + 1] as number];
  const a = from + (indices[2 * i] as number) * inner;
  const b = from + (indices[2 * i + 1] as number) * inner;
  for (let k = 0; k < inner; k++) result[to + k] = w0 * (data[a + k] as number) + w1 * (data[b + k] as number);
}

function rowOfFour(data: Reals, result: Reals, { from, to, i, inner }: Row, { indices, weights }: Taps): void {
  const tap = 4 * i;
  const [w0, w1] = [weights[tap] as number, weights[tap + 1] as number];
  const [w2, w3] = [weights[tap + 2] as number, weights[tap + 3] as number];
  const a = from + (indices[tap] as number) * inner;
  const b = from + (indices[tap + 1] as number) * inner;
  const c = from + (indices[tap + 2] as number) * inner;
  const d = from + (indices[tap + 3] as number) * inner;
  for (let k = 0; k < inner; k++) {
    const near = w1 * (data[b + k] as number) + w2 * (data[c + k] as number);
    result[to + k] = near + w0 * (data[a + k] as number) + w3 * (data[d + k] as number);
  }
}

/** Overwrites the outputs that lie beyond the source. */
export function fillOutside(target: VoxelArray, taps: readonly Taps[], value: number | bigint): void {
  const [x, y, z] = taps.map(({ inside }) => inside) as [[number, number], [number, number], [number, number]];
  const [nx, ny, nz] = taps.map(outputsOf) as [number, number, number];
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const row = (target as Float32Array).subarray(nx * (j + ny * k), nx * (j + ny * k + 1));
      if (k < z[0] || k >= z[1] || j < y[0] || j >= y[1]) row.fill(value as number);
      else row.fill(value as number, 0, x[0]).fill(value as number, x[1]);
    }
  }
}
