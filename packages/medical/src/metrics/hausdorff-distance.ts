import { VesaliusError } from '@vesalius/errors';
import type { LabelMap } from '../post-processing/label-map.ts';
import { assertComparable, type ClassOptions, classesOf } from './label-overlap.ts';
import { quantileOfSorted } from './quantile.ts';
import { surfaceDistances } from './surface-distances.ts';

export interface HausdorffOptions extends ClassOptions {
  /** 95 leaves out the farthest 5 %; default: 100, the farthest of all. */
  readonly percentile?: number;
  /** Only from the prediction's surface to the truth's. */
  readonly directed?: boolean;
}

/**
 * How far the surface of each class lies from the true one at its worst place, in mm.
 *
 * Infinite for a class that only one of the maps has (the original: NaN with a percentile), NaN when none has it. With a
 * percentile, the larger of those of the two directions.
 *
 * @throws GEOMETRY_MISMATCH, INVALID_ARGUMENT
 * @source Huttenlocher et al. 1993, Comparing images using the Hausdorff distance
 * @parity monai.metrics.compute_hausdorff_distance
 */
export function computeHausdorffDistance(prediction: LabelMap, truth: LabelMap, options: HausdorffOptions): number[] {
  const { percentile = 100, directed = false } = options;
  if (!(percentile > 0 && percentile <= 100)) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'percentile',
      got: percentile,
      expected: 'above 0, at most 100',
    });
  }
  assertComparable(prediction, truth);
  return classesOf(options).map((label) => {
    const { predictionToTruth, truthToPrediction } = surfaceDistances(prediction, truth, label);
    const forth = quantileOfSorted(predictionToTruth.sort(), percentile / 100);
    return directed ? forth : Math.max(forth, quantileOfSorted(truthToPrediction.sort(), percentile / 100));
  });
}
