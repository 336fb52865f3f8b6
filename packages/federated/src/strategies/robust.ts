import { VesaliusError } from '@vesalius/errors';
import { weightedMean } from './fed-avg.ts';
import { assertAlike, type SiteUpdate, type Strategy } from './strategy.ts';

/**
 * Of each value the middle one of all sites; sites weigh alike. Holds while fewer than half of the sites are hostile.
 *
 * @source Yin et al. 2018, Byzantine-robust distributed learning
 */
export function coordinateMedian(): Strategy {
  return robust('median', (updates) => valueByValue(updates, middleOf));
}

/**
 * Of each value the mean without a share of the lowest and as many of the highest; sites weigh alike.
 *
 * @param share - cut on either side, below a half
 * @source Yin et al. 2018, Byzantine-robust distributed learning
 */
export function trimmedMean(share: number): Strategy {
  if (!(share >= 0 && share < 0.5))
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'share that is cut', got: share, expected: '0 to below 0.5' });
  const inner = (sorted: Float64Array): number => {
    const cut = Math.min(Math.floor(share * sorted.length), Math.ceil(sorted.length / 2) - 1);
    const kept = sorted.subarray(cut, sorted.length - cut);
    return kept.reduce((sum, value) => sum + value, 0) / kept.length;
  };
  return robust('trimmed mean', (updates) => valueByValue(updates, inner));
}

/**
 * Mean of the sites that lie closest to their neighbours.
 *
 * @param hostile - how many sites may be
 * @param kept - how many the mean is of; 1 is Krum itself
 * @throws INVALID_ARGUMENT in a round of fewer than 2 hostile + 3 sites
 * @source Blanchard et al. 2017, Machine learning with adversaries: Krum, Multi-Krum
 */
export function krum(hostile: number, kept = 1): Strategy {
  return robust('Krum', (updates, dropped) => {
    const left = Math.max(0, hostile - dropped);
    if (updates.length < 2 * left + 3)
      throw new VesaliusError('INVALID_ARGUMENT', {
        what: 'sites of a round',
        got: updates.length,
        expected: `${2 * left + 3} or more`,
      });
    const neighbours = updates.length - left - 2;
    const scored = updates.map((update) => {
      const distances = updates.filter((other) => other !== update).map((other) => squaredDistance(update, other));
      const nearest = distances.sort((a, b) => a - b).slice(0, neighbours);
      return { update, score: nearest.reduce((sum, value) => sum + value, 0) };
    });
    const best = scored.toSorted((a, b) => a.score - b.score).slice(0, kept);
    return weightedMean(
      best.map(({ update }) => update),
      () => 1,
    );
  });
}

/** @param aggregate - of the finite updates, and how many were not: those were hostile */
function robust(
  name: string,
  aggregate: (updates: readonly SiteUpdate[], dropped: number) => Map<string, Float32Array>,
): Strategy {
  return {
    name,
    needsSingleUpdates: true,
    isShared: () => true,
    aggregate: (updates) => {
      assertAlike(updates);
      const finite = updates.filter(({ change }) =>
        [...change.values()].every((values) => values.every(Number.isFinite)),
      );
      return aggregate(finite, updates.length - finite.length);
    },
  };
}

function valueByValue(
  updates: readonly SiteUpdate[],
  choose: (sorted: Float64Array) => number,
): Map<string, Float32Array> {
  const column = new Float64Array(updates.length);
  return new Map(
    [...assertAlike(updates)].map(([layer, first]) => {
      const all = updates.map(({ change }) => change.get(layer) as Float32Array);
      return [
        layer,
        first.map((_, i) => {
          for (const [n, values] of all.entries()) column[n] = values[i] as number;
          return choose(column.sort());
        }),
      ];
    }),
  );
}

function middleOf(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  const high = sorted[half] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[half - 1] as number) + high) / 2;
}

function squaredDistance(a: SiteUpdate, b: SiteUpdate): number {
  let sum = 0;
  for (const [layer, values] of a.change) {
    const other = b.change.get(layer) as Float32Array;
    for (let i = 0; i < values.length; i++) sum += ((values[i] as number) - (other[i] as number)) ** 2;
  }
  return sum;
}
