import { VesaliusError } from '@vesalius/errors';

/** Steps of DP-SGD: each adds up gradients clipped to a norm, of a random part of the records, and noise. */
export interface SampledGaussian {
  /** Standard deviation of the noise in units of the norm that gradients are clipped to. */
  readonly noiseMultiplier: number;
  /** Chance of each record to take part in a step, each for itself (Poisson sampling); 1 where all always do. */
  readonly sampleRate: number;
  readonly steps: number;
}

/** @throws INVALID_ARGUMENT for what is no mechanism, or no probability of failure */
export function assertAccountable(mechanisms: readonly SampledGaussian[], delta: number): void {
  demand('delta', delta, delta > 0 && delta < 1, 'between 0 and 1');
  for (const { noiseMultiplier, sampleRate, steps } of mechanisms) {
    demand('noise multiplier', noiseMultiplier, noiseMultiplier > 0 && Number.isFinite(noiseMultiplier), 'above 0');
    demand('sample rate', sampleRate, sampleRate >= 0 && sampleRate <= 1, '0 to 1');
    demand('steps', steps, Number.isInteger(steps) && steps >= 0, 'a whole number from 0');
  }
}

function demand(what: string, got: number, holds: boolean, expected: string): void {
  if (!holds) throw new VesaliusError('INVALID_ARGUMENT', { what, got, expected });
}
