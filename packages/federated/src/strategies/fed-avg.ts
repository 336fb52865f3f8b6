import { VesaliusError } from '@vesalius/errors';
import { assertAlike, type SiteUpdate, type Strategy } from './strategy.ts';

/**
 * Mean of the changes, weighted by examples.
 *
 * @source McMahan et al. 2017, Communication-efficient learning of deep networks from decentralized data
 */
export function fedAvg(): Strategy {
  return { name: 'FedAvg', needsSingleUpdates: false, isShared: () => true, aggregate: weightedMean };
}

/** @throws INVALID_ARGUMENT when nothing weighs anything */
export function weightedMean(
  updates: readonly SiteUpdate[],
  weightOf: (update: SiteUpdate) => number = ({ examples }) => examples,
): Map<string, Float32Array> {
  const layers = assertAlike(updates);
  const weights = updates.map(weightOf);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(all > 0) || weights.some((weight) => !(weight >= 0)))
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'weights of sites',
      got: weights.join(', '),
      expected: '0 or more, not all 0',
    });
  return new Map(
    [...layers].map(([layer, { length }]) => {
      const mean = new Float32Array(length);
      for (const [n, { change }] of updates.entries()) {
        const share = (weights[n] as number) / all;
        const values = change.get(layer) as Float32Array;
        for (let i = 0; i < length; i++) mean[i] = (mean[i] as number) + share * (values[i] as number);
      }
      return [layer, mean];
    }),
  );
}
