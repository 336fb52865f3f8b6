import { fedAvg } from './fed-avg.ts';
import type { Strategy } from './strategy.ts';

/**
 * As FedAvg, but every site keeps its own last layers.
 *
 * @param isHead - whether a layer is among them
 * @source Arivazhagan et al. 2019, Federated learning with personalization layers
 */
export function personalHead(isHead: (layer: string) => boolean): Strategy {
  return { ...fedAvg(), name: 'FedPer', isShared: (layer) => !isHead(layer) };
}
