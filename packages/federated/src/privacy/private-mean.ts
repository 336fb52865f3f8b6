import { VesaliusError } from '@vesalius/errors';
import type { SiteUpdate, Strategy } from '../strategies/strategy.ts';
import { cryptographicNormal } from './cryptographic-normal.ts';

export interface PrivateMeanOptions {
  /** Largest norm of one site's change. */
  readonly clipNorm: number;
  /** Deviation of the noise in the sum, in units of `clipNorm`. */
  readonly noiseMultiplier: number;
  /** Sites that take part in a round in the mean: what the sum is divided by, so that no site's absence shows. */
  readonly expectedSites: number;
  /** Standard normal numbers; of the system's cryptographic generator by default. */
  readonly noise?: (length: number) => Float32Array;
}

/**
 * DP-FedAvg at a coordinator that is trusted with single changes: each is cut to a norm, all weigh alike, and noise hides which sites took part.
 * The privacy unit is a site; a round in which each site takes part with chance q is a sampled Gaussian of rate q.
 *
 * @throws INVALID_ARGUMENT for a norm or a number of sites that is not above 0
 * @source McMahan et al. 2018, Learning differentially private recurrent language models
 */
export function privateMean(options: PrivateMeanOptions): Strategy {
  const { clipNorm, noiseMultiplier, expectedSites, noise = cryptographicNormal } = options;
  if (!(clipNorm > 0 && expectedSites > 0 && noiseMultiplier >= 0))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'private mean',
      got: [clipNorm, expectedSites, noiseMultiplier],
      expected: 'a norm and sites above 0, noise of 0 or more',
    });
  return {
    name: 'DP-FedAvg',
    needsSingleUpdates: true,
    isShared: () => true,
    aggregate: (updates) => {
      const clipped = updates.map((update) => ({ update, factor: factorOf(update, clipNorm) }));
      return new Map(
        [...(updates[0]?.change ?? [])].map(([layer, { length }]) => {
          const sum = noise(length).map((value) => value * noiseMultiplier * clipNorm);
          for (const { update, factor } of clipped) {
            const values = update.change.get(layer) as Float32Array;
            // A change that is not finite counts for nothing.
            if (factor > 0)
              for (let i = 0; i < length; i++) sum[i] = (sum[i] as number) + factor * (values[i] as number);
          }
          return [layer, sum.map((value) => value / expectedSites)];
        }),
      );
    },
  };
}

function factorOf({ change }: SiteUpdate, clipNorm: number): number {
  let squares = 0;
  for (const values of change.values()) for (const value of values) squares += value * value;
  if (!Number.isFinite(squares)) return 0;
  return Math.min(1, clipNorm / Math.max(Math.sqrt(squares), 1e-30));
}
