import { VesaliusError } from '@vesalius/errors';
import type { LabelMap } from '../post-processing/label-map.ts';
import { assertComparable, type ClassOptions, classesOf } from './label-overlap.ts';
import { surfaceDistances } from './surface-distances.ts';

export interface SurfaceDiceOptions extends ClassOptions {
  /** The deviation in mm that is acceptable for each class asked for, often what two readers differ by. */
  readonly classThresholds: readonly number[];
}

/**
 * Normalized surface Dice: the share of both surfaces of a class that lies within its threshold of the other, 0 to 1.
 *
 * Counts surface voxels. 0 for a class that only one of the maps has, NaN when none has it.
 *
 * @throws GEOMETRY_MISMATCH, INVALID_ARGUMENT when a threshold is missing or negative
 * @source Nikolov et al. 2021, Clinically applicable segmentation of head and neck anatomy for radiotherapy
 * @parity monai.metrics.compute_surface_dice
 */
export function computeSurfaceDice(prediction: LabelMap, truth: LabelMap, options: SurfaceDiceOptions): number[] {
  assertComparable(prediction, truth);
  const { classThresholds } = options;
  const classes = classesOf(options);
  if (classThresholds.length !== classes.length || !classThresholds.every((mm) => mm >= 0 && Number.isFinite(mm))) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'classThresholds in mm',
      got: classThresholds,
      expected: `${classes.length} finite lengths`,
    });
  }
  return classes.map((label, index) => {
    const { predictionToTruth, truthToPrediction } = surfaceDistances(prediction, truth, label);
    const within = (mm: number): boolean => mm <= (classThresholds[index] as number);
    const near = predictionToTruth.filter(within).length + truthToPrediction.filter(within).length;
    return near / (predictionToTruth.length + truthToPrediction.length);
  });
}
