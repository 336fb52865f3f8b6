import { weightedMean } from './fed-avg.ts';
import type { Strategy } from './strategy.ts';

/**
 * Rounds that wait for the first few changes, whoever they come from; an old one weighs less.
 *
 * @source Nguyen et al. 2022, Federated learning with buffered asynchronous aggregation; the square root of its section 5
 */
export function fedBuff(): Strategy {
  return {
    name: 'FedBuff',
    needsSingleUpdates: false,
    isShared: () => true,
    aggregate: (updates) => weightedMean(updates, ({ examples, staleness = 0 }) => examples / Math.sqrt(1 + staleness)),
  };
}
