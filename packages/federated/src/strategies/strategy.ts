import { VesaliusError } from '@vesalius/errors';
import type { LayerValues } from '../layer-values.ts';

/** What a site brings to a round. */
export interface SiteUpdate {
  readonly site: string;
  /** Of its data: what it weighs. */
  readonly examples: number;
  /** Its model after local training less the model it began with. */
  readonly change: LayerValues;
  /** Rounds that ended since it began; 0 in rounds that wait for all. */
  readonly staleness?: number;
}

/** How the changes of sites become one change of the common model. */
export interface Strategy {
  readonly name: string;
  /** Whether it must see each change by itself: then it cannot work with sums, as secure aggregation gives them. */
  readonly needsSingleUpdates: boolean;
  /** Whether a layer is common to all sites; the others never leave theirs. */
  isShared(layer: string): boolean;
  /**
   * The change of the common model. May remember what it needs for the next round.
   *
   * @throws INVALID_ARGUMENT for no updates, DATA_MISMATCH when they have unlike layers
   */
  aggregate(updates: readonly SiteUpdate[]): Map<string, Float32Array>;
  /** What it remembers, by name; nothing where it remembers nothing. Goes on from it elsewhere by `restore`. */
  readonly memory?: () => Map<string, Float32Array>;
  readonly restore?: (memory: LayerValues) => void;
}

/** Layers of the first update, all of one length in every update. @throws INVALID_ARGUMENT, DATA_MISMATCH */
export function assertAlike(updates: readonly SiteUpdate[]): LayerValues {
  const [first, ...others] = updates;
  if (!first)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'updates of a round', got: 0, expected: '1 or more' });
  for (const { site, change } of others)
    for (const [layer, values] of first.change)
      if (change.get(layer)?.length !== values.length || change.size !== first.change.size)
        throw new VesaliusError('DATA_MISMATCH', {
          what: `${layer} of ${site}`,
          got: change.get(layer)?.length,
          expected: `${values.length} values, as of ${first.site}`,
        });
  return first.change;
}
