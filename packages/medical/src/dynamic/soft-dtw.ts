import { VesaliusError } from '@vesalius/errors';
import { type Curve, type DtwBand, dtwBand } from './dtw-band.ts';

export interface SoftDtwOptions {
  /** How soft the minimum is, in squared units of the curves; towards 0 it is the square of `dtw`. */
  readonly gamma: number;
  /** Radius of a Sakoe-Chiba band in samples. */
  readonly band?: number;
}

export interface SoftDtw {
  readonly value: number;
  /** By the samples of the first curve. */
  readonly gradient: Float64Array;
}

interface Softened {
  readonly a: Curve;
  readonly b: Curve;
  readonly gamma: number;
  readonly open: DtwBand;
  /** `[a + 2, b + 2]`, with a border on every side. */
  readonly costs: Float64Array;
}

/**
 * Dynamic time warping with a soft minimum over all paths, which has a gradient everywhere.
 *
 * Every soft minimum is taken from its least value, and every weight of the way back is the exponential of no more than 0: neither
 * large curves nor small gammas overflow.
 *
 * @returns may be negative
 * @throws INVALID_ARGUMENT when gamma is not above 0 or a curve is empty
 * @source Cuturi and Blondel 2017, Soft-DTW: a differentiable loss function for time-series
 * @parity tslearn.metrics.soft_dtw
 */
export function softDtw(a: Curve, b: Curve, options: SoftDtwOptions): SoftDtw {
  const softened = softCosts(a, b, options);
  return {
    value: softened.costs[a.length * (b.length + 2) + b.length] as number,
    gradient: gradientOf(softened),
  };
}

function softCosts(a: Curve, b: Curve, { gamma, band }: SoftDtwOptions): Softened {
  if (!(gamma > 0)) throw new VesaliusError('INVALID_ARGUMENT', { what: 'gamma', got: gamma, expected: 'above 0' });
  const open = dtwBand(a.length, b.length, band);
  const width = b.length + 2;
  const costs = new Float64Array((a.length + 2) * width).fill(Number.POSITIVE_INFINITY);
  costs[0] = 0;
  for (let i = 1; i <= a.length; i++) {
    const last = open.last(i - 1) + 1;
    for (let j = open.first(i - 1) + 1; j <= last; j++) {
      const at = i * width + j;
      const difference = (a[i - 1] as number) - (b[j - 1] as number);
      const [up, left, diagonal] = [costs[at - width], costs[at - 1], costs[at - width - 1]] as [
        number,
        number,
        number,
      ];
      const least = Math.min(up, left, diagonal);
      const sum =
        Math.exp((least - up) / gamma) + Math.exp((least - left) / gamma) + Math.exp((least - diagonal) / gamma);
      costs[at] = difference * difference + least - gamma * Math.log(sum);
    }
  }
  return { a, b, gamma, open, costs };
}

/** How much each pair of samples counts, from the last pair back to the first; each adds its part of the slope. */
function gradientOf({ a, b, gamma, open, costs }: Softened): Float64Array {
  const [n, m] = [a.length, b.length];
  const width = m + 2;
  const gradient = new Float64Array(n);
  const weights = new Float64Array(costs.length);
  const share = (from: number, to: number, i: number, j: number): number => {
    if (weights[to] === 0) return 0;
    const difference = (a[i - 1] as number) - (b[j - 1] as number);
    const ownCost = (costs[to] as number) - difference * difference;
    return (weights[to] as number) * Math.exp((ownCost - (costs[from] as number)) / gamma);
  };
  weights[n * width + m] = 1;
  for (let i = n; i > 0; i--) {
    const first = open.first(i - 1) + 1;
    for (let j = open.last(i - 1) + 1; j >= first; j--) {
      const at = i * width + j;
      if (i < n || j < m)
        weights[at] =
          share(at, at + width, i + 1, j) + share(at, at + 1, i, j + 1) + share(at, at + width + 1, i + 1, j + 1);
      const difference = (a[i - 1] as number) - (b[j - 1] as number);
      gradient[i - 1] = (gradient[i - 1] as number) + 2 * difference * (weights[at] as number);
    }
  }
  return gradient;
}
