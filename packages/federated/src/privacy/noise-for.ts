import { VesaliusError } from '@vesalius/errors';
import { COARSE_INTERVAL, lossEpsilon } from './loss-accountant.ts';
import { renyiEpsilon } from './renyi-accountant.ts';
import type { SampledGaussian } from './sampled-gaussian.ts';

const PRECISION = 1e-3;
const MOST_NOISE = 2 ** 16;

/**
 * The smallest noise multiplier by which so many steps spend at most an epsilon, and at least a thousandth less than it.
 *
 * @throws INVALID_ARGUMENT for an epsilon that no noise reaches
 */
export function noiseFor(epsilon: number, plan: Omit<SampledGaussian, 'noiseMultiplier'>, delta: number): number {
  const spent = (noiseMultiplier: number): number =>
    lossEpsilon([{ ...plan, noiseMultiplier }], delta, COARSE_INTERVAL);
  let high = boundOf(epsilon, plan, delta);
  let atHigh = spent(high);
  let low = high / 4;
  // Epsilon falls about as a power of the noise: a straight line between logarithms finds it in a few steps.
  while (atHigh > 0 && atHigh < (1 - PRECISION) * epsilon && high / low > 1 + PRECISION / 10) {
    const guess = high * (atHigh / ((1 - PRECISION / 2) * epsilon)) ** 0.8;
    const next = guess > low ? guess : Math.sqrt(low * high);
    const atNext = spent(next);
    if (atNext <= epsilon) [high, atHigh] = [next, atNext];
    else low = next;
  }
  return high;
}

/** Enough by the looser bound of Renyi, which is quick. */
function boundOf(epsilon: number, plan: Omit<SampledGaussian, 'noiseMultiplier'>, delta: number): number {
  const enough = (noiseMultiplier: number): boolean =>
    renyiEpsilon([{ ...plan, noiseMultiplier }], delta).epsilon <= epsilon;
  let high = 0.5;
  while (!enough(high)) {
    high *= 1.2;
    if (high > MOST_NOISE)
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'epsilon',
        got: epsilon,
        expected: 'one that noise can reach',
      });
  }
  return high;
}
