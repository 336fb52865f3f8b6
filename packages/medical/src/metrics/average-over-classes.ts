import { VesaliusError } from '@vesalius/errors';

/** Such as `computeRocAuc`. */
export type BinaryMetric = (scores: ArrayLike<number>, truth: ArrayLike<number>) => number;

export interface MultiClassScores {
  /** `[cases, classes]`, classes fastest. */
  readonly scores: ArrayLike<number>;
  /** `[cases, classes]` of 0 and 1: one-hot, or several findings at once. */
  readonly truth: ArrayLike<number>;
  readonly numClasses: number;
}

/**
 * A binary metric for several classes at once.
 *
 * @param average - `macro`: all classes alike; `weighted`: by their positive cases; `micro`: all decisions in one pool
 * @throws SHAPE_MISMATCH, and what the metric throws
 * @parity monai.metrics.compute_roc_auc
 */
export function averageOverClasses(
  metric: BinaryMetric,
  classes: MultiClassScores,
  average: 'macro' | 'weighted' | 'micro' = 'macro',
): number {
  if (average === 'micro') return metric(classes.scores, classes.truth);
  let [sum, weights] = [0, 0];
  eachClass(metric, classes).forEach((value, index) => {
    const weight =
      average === 'macro' ? 1 : column(classes.truth, classes.numClasses, index).reduce((a, b) => a + b, 0);
    sum += weight * value;
    weights += weight;
  });
  return sum / weights;
}

/**
 * A binary metric of each class against the rest.
 *
 * @throws SHAPE_MISMATCH, and what the metric throws
 */
export function eachClass(metric: BinaryMetric, { scores, truth, numClasses }: MultiClassScores): number[] {
  if (scores.length % numClasses !== 0) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'scores',
      got: scores.length,
      expected: `a multiple of ${numClasses}`,
    });
  }
  return Array.from({ length: numClasses }, (_, index) =>
    metric(column(scores, numClasses, index), column(truth, numClasses, index)),
  );
}

function column(values: ArrayLike<number>, numClasses: number, index: number): Float64Array {
  return Float64Array.from(
    { length: values.length / numClasses },
    (_, row) => values[row * numClasses + index] as number,
  );
}
