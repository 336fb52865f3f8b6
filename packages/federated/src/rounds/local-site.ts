import type { LayerValues } from '../layer-values.ts';
import type { LocalSteps } from '../strategies/scaffold.ts';

export interface LocalWork extends LocalSteps {
  /** The model to begin with. */
  readonly weights: LayerValues;
  /** Of the order in which data is seen; another one each round and site. */
  readonly seed: string;
  /** SCAFFOLD's, added to every gradient. */
  readonly correction?: LayerValues;
}

/** Whatever trains on a site's data. */
export interface LocalSite {
  readonly name: string;
  readonly examples: number;
  /** The model after so many steps. Of a private site, what it gives is private already. */
  train(work: LocalWork): Promise<LayerValues>;
}
