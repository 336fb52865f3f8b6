import type { LabelMap } from '../post-processing/label-map.ts';
import { assertComparable, type ClassOptions, classesOf } from './label-overlap.ts';
import { surfaceDistances } from './surface-distances.ts';

export interface SurfaceDistanceOptions extends ClassOptions {
  /** Over both surfaces together, not only from the prediction's to the truth's. */
  readonly symmetric?: boolean;
}

/**
 * How far the surface of each class lies from the true one on average, in mm.
 *
 * Infinite for a class that only one of the maps has, NaN when none has it.
 *
 * @throws GEOMETRY_MISMATCH, INVALID_ARGUMENT
 * @parity monai.metrics.compute_average_surface_distance
 */
export function computeAverageSurfaceDistance(
  prediction: LabelMap,
  truth: LabelMap,
  options: SurfaceDistanceOptions,
): number[] {
  assertComparable(prediction, truth);
  return classesOf(options).map((label) => {
    const { predictionToTruth, truthToPrediction } = surfaceDistances(prediction, truth, label);
    if (!options.symmetric) return sum(predictionToTruth) / predictionToTruth.length;
    const count = predictionToTruth.length + truthToPrediction.length;
    return (sum(predictionToTruth) + sum(truthToPrediction)) / count;
  });
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
