import { fedAvg } from './fed-avg.ts';
import type { Strategy } from './strategy.ts';

/** Ways in which layers that normalize are named. */
const NORMALIZATION = /(^|[./_])(bn|norm|batchnorm|groupnorm|instancenorm|layernorm)\d*([./_]|$)/i;

/**
 * As FedAvg, but every site keeps its own normalization: scanners differ in intensity.
 *
 * @source Li et al. 2021, FedBN
 */
export function fedBn(): Strategy {
  return { ...fedAvg(), name: 'FedBN', isShared: (layer) => !NORMALIZATION.test(layer) };
}
