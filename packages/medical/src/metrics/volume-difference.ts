import type { LabelMap } from '../post-processing/label-map.ts';
import type { OverlapOptions } from './dice.ts';
import { type ClassOptions, overlapOfClasses } from './label-overlap.ts';

/**
 * How far the volume of each class is off, in mm3 (the original counts voxels: the same where voxels are 1 mm).
 *
 * `ignoreEmpty: false` gives the predicted volume, not NaN, for a class that the truth lacks.
 *
 * @throws GEOMETRY_MISMATCH, LABEL_OUT_OF_RANGE
 * @parity monai.metrics.compute_absolute_volume_difference
 */
export function computeAbsoluteVolumeDifference(
  prediction: LabelMap,
  truth: LabelMap,
  options: OverlapOptions,
): number[] {
  const { includeBackground = true, ignoreEmpty = true } = options;
  const [sx, sy, sz] = truth.spacingMm;
  return overlapOfClasses(prediction, truth, { ...options, includeBackground }).map((overlap) =>
    ignoreEmpty && overlap.truth === 0 ? Number.NaN : Math.abs(overlap.prediction - overlap.truth) * sx * sy * sz,
  );
}

/**
 * One minus the difference of the volumes over their sum: 1 when they are equal, wherever they lie, 0 when one is missing,
 * NaN when both are.
 *
 * @throws GEOMETRY_MISMATCH, LABEL_OUT_OF_RANGE
 * @source Taha and Hanbury 2015, Metrics for evaluating 3D medical image segmentation
 */
export function computeVolumeSimilarity(prediction: LabelMap, truth: LabelMap, options: ClassOptions): number[] {
  const { includeBackground = true } = options;
  return overlapOfClasses(prediction, truth, { ...options, includeBackground }).map(
    (overlap) => 1 - Math.abs(overlap.prediction - overlap.truth) / (overlap.prediction + overlap.truth),
  );
}
