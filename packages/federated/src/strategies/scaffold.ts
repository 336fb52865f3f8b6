import type { LayerValues, Layout } from '../layer-values.ts';
import { zerosOf } from '../layer-values.ts';

/**
 * A site's part of SCAFFOLD: its control variate, which says how its gradients differ from those of all sites.
 *
 * @source Karimireddy et al. 2020, SCAFFOLD, option II
 */
export class ScaffoldSite {
  readonly #own: Map<string, Float32Array>;

  constructor(layout: Layout) {
    this.#own = zerosOf(layout);
  }

  /** What each local gradient is corrected by: the common variate less the own one. */
  correction(common: LayerValues): Map<string, Float32Array> {
    return new Map([...this.#own].map(([layer, own]) => [layer, own.map((value, i) => at(common, layer, i) - value)]));
  }

  /**
   * After local training: how the own variate changed, which is sent with the change of the model.
   *
   * @param steps - local steps, each of `learningRate`
   */
  finish(common: LayerValues, change: LayerValues, { steps, learningRate }: LocalSteps): Map<string, Float32Array> {
    return new Map(
      [...this.#own].map(([layer, own]) => {
        const moved = own.map((_, i) => -at(common, layer, i) - at(change, layer, i) / (steps * learningRate));
        for (const [i, by] of moved.entries()) own[i] = (own[i] as number) + by;
        return [layer, moved];
      }),
    );
  }
}

export interface LocalSteps {
  readonly steps: number;
  readonly learningRate: number;
}

/** The coordinator's part: the mean variate of all sites, of which some took part in the round. */
export class ScaffoldCommon {
  readonly #common: Map<string, Float32Array>;
  readonly #sites: number;

  /** @param sites - all of the federation */
  constructor(layout: Layout, sites: number) {
    this.#common = zerosOf(layout);
    this.#sites = sites;
  }

  get variate(): LayerValues {
    return this.#common;
  }

  add(changes: readonly LayerValues[]): void {
    for (const [layer, common] of this.#common)
      for (const change of changes)
        for (let i = 0; i < common.length; i++) common[i] = (common[i] as number) + at(change, layer, i) / this.#sites;
  }
}

const at = (values: LayerValues, layer: string, i: number): number => values.get(layer)?.[i] ?? 0;
