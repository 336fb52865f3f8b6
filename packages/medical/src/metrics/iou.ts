import type { LabelMap } from '../post-processing/label-map.ts';
import type { OverlapOptions } from './dice.ts';
import { overlapOfClasses } from './label-overlap.ts';

/**
 * Intersection over union of each class, 0 to 1 (perfect).
 *
 * @throws GEOMETRY_MISMATCH, LABEL_OUT_OF_RANGE
 * @source Jaccard 1912, The distribution of the flora in the alpine zone
 * @parity monai.metrics.compute_iou
 */
export function computeIou(prediction: LabelMap, truth: LabelMap, options: OverlapOptions): number[] {
  const { includeBackground = true, ignoreEmpty = true } = options;
  return overlapOfClasses(prediction, truth, { ...options, includeBackground }).map((overlap) => {
    const union = overlap.truth + overlap.prediction - overlap.both;
    if (ignoreEmpty && overlap.truth === 0) return Number.NaN;
    return union === 0 ? 1 : overlap.both / union;
  });
}
