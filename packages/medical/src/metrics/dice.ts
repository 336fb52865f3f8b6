import type { LabelMap } from '../post-processing/label-map.ts';
import { type ClassOptions, overlapOfClasses } from './label-overlap.ts';

export interface OverlapOptions extends ClassOptions {
  /** A class that the truth lacks gives NaN (default), else 1 when the prediction lacks it too and 0 otherwise. */
  readonly ignoreEmpty?: boolean;
}

/**
 * Dice score of each class: twice the overlap divided by both sizes, 0 to 1 (perfect).
 *
 * @throws GEOMETRY_MISMATCH, LABEL_OUT_OF_RANGE
 * @source Dice 1945, Measures of the amount of ecologic association between species
 * @parity monai.metrics.compute_dice
 */
export function computeDice(prediction: LabelMap, truth: LabelMap, options: OverlapOptions): number[] {
  const { includeBackground = true, ignoreEmpty = true } = options;
  return overlapOfClasses(prediction, truth, { ...options, includeBackground }).map((overlap) => {
    if (overlap.truth > 0) return (2 * overlap.both) / (overlap.truth + overlap.prediction);
    if (ignoreEmpty) return Number.NaN;
    return overlap.prediction === 0 ? 1 : 0;
  });
}
