import { assertAccountable, type SampledGaussian } from './sampled-gaussian.ts';
import { logAdd, logErfc, logSubtract } from './special-functions.ts';

/** 1.1 to 10.9 in tenths, then whole numbers to 63. */
export const RENYI_ORDERS: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 52 }, (_, i) => 12 + i),
];

const NEGLIGIBLE_LOG = -30;

export interface RenyiSpent {
  readonly epsilon: number;
  /** Where the bound is tightest; at the first or last order another could be tighter. */
  readonly order: number;
}

/**
 * An upper bound of epsilon by Rényi divergences, which add up over steps.
 *
 * @param delta - chance that epsilon does not hold
 * @throws INVALID_ARGUMENT
 * @parity opacus.accountants.RDPAccountant()
 * @source Mironov, Talwar and Zhang 2019; Balle et al. 2020, theorem 21, for epsilon
 */
export function renyiEpsilon(mechanisms: readonly SampledGaussian[], delta: number): RenyiSpent {
  assertAccountable(mechanisms, delta);
  const spent = RENYI_ORDERS.map((order) => {
    const divergence = mechanisms.reduce((sum, one) => sum + one.steps * renyiDivergence(one, order), 0);
    const epsilon = divergence - (Math.log(delta) + Math.log(order)) / (order - 1) + Math.log1p(-1 / order);
    return { order, epsilon: divergence === 0 ? 0 : Math.max(0, epsilon) };
  });
  return spent.reduce((best, one) => (one.epsilon < best.epsilon ? one : best));
}

/** Rényi divergence of one step at an order above 1. */
export function renyiDivergence(
  { noiseMultiplier: sigma, sampleRate: q }: Omit<SampledGaussian, 'steps'>,
  order: number,
): number {
  if (q === 0) return 0;
  if (q === 1) return order / (2 * sigma ** 2);
  const log = Number.isInteger(order) ? logMomentWhole(q, sigma, order) : logMomentBetween(q, sigma, order);
  return log / (order - 1);
}

/** A binomial sum. */
function logMomentWhole(q: number, sigma: number, order: number): number {
  let log = -Infinity;
  let logBinomial = 0;
  for (let i = 0; i <= order; i++) {
    const part = logBinomial + i * Math.log(q) + (order - i) * Math.log1p(-q);
    log = logAdd(log, part + (i * i - i) / (2 * sigma ** 2));
    logBinomial += Math.log((order - i) / (i + 1));
  }
  return log;
}

/** Two series of signed terms, one on either side of where both densities weigh the same. */
function logMomentBetween(q: number, sigma: number, order: number): number {
  const [logQ, logRest] = [Math.log(q), Math.log1p(-q)];
  const split = sigma ** 2 * (logRest - logQ) + 0.5;
  const part = (power: number, other: number, tail: number): number =>
    power * logQ + other * logRest + (power * power - power) / (2 * sigma ** 2) + Math.log(0.5) + logErfc(tail);
  let below = -Infinity;
  let above = -Infinity;
  let logBinomial = 0;
  let sign = 1;
  for (let i = 0; ; i++) {
    const j = order - i;
    const low = logBinomial + part(i, j, (i - split) / (Math.SQRT2 * sigma));
    const high = logBinomial + part(j, i, (split - j) / (Math.SQRT2 * sigma));
    below = sign > 0 ? logAdd(below, low) : logSubtract(below, low);
    above = sign > 0 ? logAdd(above, high) : logSubtract(above, high);
    if (Math.max(low, high) < NEGLIGIBLE_LOG) return logAdd(below, above);
    logBinomial += Math.log(Math.abs(j / (i + 1)));
    if (j < 0) sign = -sign;
  }
}
