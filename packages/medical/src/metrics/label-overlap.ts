import { VesaliusError } from '@vesalius/errors';
import { assertLabelMap, type LabelMap } from '../post-processing/label-map.ts';

/** Which classes a segmentation metric answers for, one number each, in ascending order. */
export interface ClassOptions {
  /** Classes with background, as many as the network has outputs. */
  readonly numClasses: number;
  /** Whether class 0 gets an answer too. */
  readonly includeBackground?: boolean;
}

/** Voxels of one class. */
export interface Overlap {
  readonly prediction: number;
  readonly truth: number;
  readonly both: number;
}

/**
 * Counts every class in one sweep; index 0 is background.
 *
 * @throws LABEL_OUT_OF_RANGE when either holds a number that is no class, SHAPE_MISMATCH when the lengths differ
 */
export function countOverlap(prediction: ArrayLike<number>, truth: ArrayLike<number>, numClasses: number): Overlap[] {
  if (prediction.length !== truth.length) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'prediction', got: prediction.length, expected: truth.length });
  }
  const counts = {
    prediction: new Float64Array(numClasses),
    truth: new Float64Array(numClasses),
    both: new Float64Array(numClasses),
  };
  for (let i = 0; i < truth.length; i++) {
    const [p, t] = [prediction[i] as number, truth[i] as number];
    if (!(p >= 0 && p < numClasses && t >= 0 && t < numClasses))
      throw outOfRange(p >= 0 && p < numClasses ? t : p, numClasses);
    counts.prediction[p] = (counts.prediction[p] as number) + 1;
    counts.truth[t] = (counts.truth[t] as number) + 1;
    if (p === t) counts.both[p] = (counts.both[p] as number) + 1;
  }
  const at = (values: Float64Array, label: number): number => values[label] as number;
  return Array.from({ length: numClasses }, (_, label) => ({
    prediction: at(counts.prediction, label),
    truth: at(counts.truth, label),
    both: at(counts.both, label),
  }));
}

/**
 * The overlap of every class asked for, of two label maps of one grid.
 *
 * @throws GEOMETRY_MISMATCH, LABEL_OUT_OF_RANGE, INVALID_ARGUMENT
 */
export function overlapOfClasses(prediction: LabelMap, truth: LabelMap, options: ClassOptions): Overlap[] {
  assertComparable(prediction, truth);
  const classes = classesOf(options);
  const overlaps = countOverlap(prediction.voxels, truth.voxels, options.numClasses);
  return classes.map((label) => overlaps[label] as Overlap);
}

/** @throws INVALID_ARGUMENT when there are fewer than two classes */
export function classesOf({ numClasses, includeBackground }: ClassOptions): number[] {
  if (!Number.isInteger(numClasses) || numClasses < 2) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'numClasses',
      got: numClasses,
      expected: 'at least 2, with background',
    });
  }
  return Array.from({ length: numClasses }, (_, label) => label).slice(includeBackground ? 0 : 1);
}

/** @throws GEOMETRY_MISMATCH when size or spacing differ, SHAPE_MISMATCH when voxels are missing */
export function assertComparable(prediction: LabelMap, truth: LabelMap): void {
  assertLabelMap(prediction);
  assertLabelMap(truth);
  if (prediction.size.some((n, axis) => n !== truth.size[axis])) {
    throw new VesaliusError('GEOMETRY_MISMATCH', {
      what: 'size of the prediction',
      got: prediction.size,
      expected: truth.size,
    });
  }
  if (prediction.spacingMm.some((mm, axis) => Math.abs(mm / (truth.spacingMm[axis] as number) - 1) > 1e-4)) {
    throw new VesaliusError('GEOMETRY_MISMATCH', {
      what: 'spacing of the prediction in mm',
      got: prediction.spacingMm,
      expected: truth.spacingMm,
    });
  }
}

function outOfRange(got: number, numClasses: number): VesaliusError {
  return new VesaliusError('LABEL_OUT_OF_RANGE', { what: 'label', got, expected: `0 to ${numClasses - 1}` });
}
