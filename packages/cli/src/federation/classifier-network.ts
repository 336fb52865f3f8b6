import { type ClassifierSetup, groupNormResNet } from '@vesalius/medical';

export const PROXIMAL_WEIGHT = 0.01;
/** So many deviations above its mean size does a private batch hold. */
const BATCH_DEVIATIONS = 6;
/** Voxels along an axis. */
const LARGE = 32;

/** What every site of a federation trains. */
export function classifierNetwork(imageShape: readonly number[]): ClassifierSetup['network'] {
  const stemStride = Math.max(...imageShape) > LARGE ? 2 : 1;
  return (scope, x) => groupNormResNet(scope, x, { numClasses: 2, stemStride });
}

/** The most images that a private step is compiled for, whose mean is `batch`. */
export const batchBound = (batch: number): number => Math.ceil(batch + BATCH_DEVIATIONS * Math.sqrt(batch));
