import { VesaliusError } from '@vesalius/errors';
import { assertCurves, type Curve, dtwBand } from './dtw-band.ts';

export interface DtwOptions {
  /** Radius of a Sakoe-Chiba band in samples; the whole matrix without it. */
  readonly band?: number;
}

export interface DtwPathOptions extends DtwOptions {
  /** Added to the squared distance for each step in one curve alone: bends time only where it is worth it; default 0. */
  readonly stepPenalty?: number;
}

/** Which samples of two curves belong together: pair `i` is `a[first[i]]` and `b[second[i]]`. */
export interface DtwPath {
  readonly distance: number;
  readonly first: Int32Array;
  readonly second: Int32Array;
}

export interface CreateDtwOptions extends DtwOptions {
  /** Samples of the longest curve to come. */
  readonly longest: number;
}

/**
 * Dynamic time warping of many pairs: memory is taken once, for one row.
 *
 * @returns the root of the summed squared differences along the cheapest path
 * @throws INVALID_ARGUMENT for an empty curve, SHAPE_MISMATCH for one longer than was promised
 * @source Sakoe and Chiba 1978, Dynamic programming algorithm optimization for spoken word recognition
 * @parity tslearn.metrics.dtw
 */
export function createDtw({
  longest,
  band = Number.POSITIVE_INFINITY,
}: CreateDtwOptions): (a: Curve, b: Curve) => number {
  const row = new Float64Array(longest + 1);
  return (a, b) => {
    assertCurves(a.length, b.length, band);
    if (Math.max(a.length, b.length) > longest)
      throw new VesaliusError('SHAPE_MISMATCH', {
        what: 'samples of a curve',
        got: Math.max(a.length, b.length),
        expected: `at most ${longest}`,
      });
    return Math.sqrt(squaredDistance(a, b, { row, band }));
  };
}

/** As `createDtw`, of one pair. */
export function dtw(a: Curve, b: Curve, options: DtwOptions = {}): number {
  return createDtw({ ...options, longest: Math.max(a.length, b.length) })(a, b);
}

/** `row[j + 1]` is the cheapest way to column j; what the band shuts stays infinite, as it opens by one column a row. */
function squaredDistance(a: Curve, b: Curve, { row, band }: { row: Float64Array; band: number }): number {
  const [n, m] = [a.length, b.length];
  const below = Math.max(0, n - m) + band;
  const above = Math.max(0, m - n) + band;
  row.fill(Number.POSITIVE_INFINITY, 0, m + 1);
  row[0] = 0;
  for (let i = 0; i < n; i++) {
    const first = i > below ? i - below : 0;
    const last = i + above < m - 1 ? i + above : m - 1;
    const x = a[i] as number;
    let diagonal = row[first] as number;
    let left = Number.POSITIVE_INFINITY;
    row[first] = left;
    for (let j = first; j <= last; j++) {
      const up = row[j + 1] as number;
      const difference = x - (b[j] as number);
      let least = diagonal < up ? diagonal : up;
      if (left < least) least = left;
      left = least + difference * difference;
      row[j + 1] = left;
      diagonal = up;
    }
  }
  return row[m] as number;
}

/**
 * Dynamic time warping with its path. Of ways of equal cost the one along the diagonal is taken.
 *
 * @throws INVALID_ARGUMENT for an empty curve
 * @source Herrmann and Webb 2023, Amercing: the penalty of a step
 * @parity tslearn.metrics.dtw_path
 */
export function dtwPath(a: Curve, b: Curve, { band, stepPenalty = 0 }: DtwPathOptions = {}): DtwPath {
  const costs = costMatrix(a, b, { ...(band === undefined ? {} : { band }), stepPenalty });
  const width = b.length + 1;
  const [first, second] = [new Int32Array(a.length + b.length), new Int32Array(a.length + b.length)];
  let [i, j, at] = [a.length, b.length, first.length];
  const distance = Math.sqrt(costs[i * width + j] as number);
  while (i > 0 && j > 0) {
    first[--at] = i - 1;
    second[at] = j - 1;
    const diagonal = costs[(i - 1) * width + j - 1] as number;
    const up = (costs[(i - 1) * width + j] as number) + stepPenalty;
    const left = (costs[i * width + j - 1] as number) + stepPenalty;
    if (diagonal <= up && diagonal <= left) [i, j] = [i - 1, j - 1];
    else if (up <= left) i--;
    else j--;
  }
  return { distance, first: first.slice(at), second: second.slice(at) };
}

function costMatrix(a: Curve, b: Curve, { band, stepPenalty }: DtwOptions & { stepPenalty: number }): Float64Array {
  const open = dtwBand(a.length, b.length, band);
  const width = b.length + 1;
  const costs = new Float64Array((a.length + 1) * width).fill(Number.POSITIVE_INFINITY);
  costs[0] = 0;
  for (let i = 1; i <= a.length; i++) {
    const last = open.last(i - 1) + 1;
    for (let j = open.first(i - 1) + 1; j <= last; j++) {
      const above = (i - 1) * width + j;
      const difference = (a[i - 1] as number) - (b[j - 1] as number);
      const step = Math.min(costs[above] as number, costs[i * width + j - 1] as number) + stepPenalty;
      costs[i * width + j] = Math.min(costs[above - 1] as number, step) + difference * difference;
    }
  }
  return costs;
}

/**
 * Slopes of a curve, for warping by shape in place of height.
 *
 * @returns as many samples; the ends repeat their neighbours
 * @throws SHAPE_MISMATCH for fewer than three samples
 * @source Keogh and Pazzani 2001, Derivative dynamic time warping
 */
export function dtwSlopes(curve: Curve): Float64Array {
  const n = curve.length;
  if (n < 3) throw new VesaliusError('SHAPE_MISMATCH', { what: 'samples of a curve', got: n, expected: 'at least 3' });
  const slopes = Float64Array.from(curve, (value, i) => {
    const before = curve[i - 1] ?? value;
    const after = curve[i + 1] ?? value;
    return (value - before + (after - before) / 2) / 2;
  });
  slopes[0] = slopes[1] as number;
  slopes[n - 1] = slopes[n - 2] as number;
  return slopes;
}
