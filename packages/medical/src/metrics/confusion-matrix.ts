import { type ClassOptions, classesOf, countOverlap } from './label-overlap.ts';

/** How often one class was claimed and true. */
export interface ConfusionMatrix {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/**
 * Counts of each class against the rest, over voxels or over cases.
 *
 * @param prediction - class numbers
 * @param truth - class numbers, as many
 * @throws SHAPE_MISMATCH, LABEL_OUT_OF_RANGE
 * @parity monai.metrics.get_confusion_matrix
 */
export function getConfusionMatrix(
  prediction: ArrayLike<number>,
  truth: ArrayLike<number>,
  options: ClassOptions,
): ConfusionMatrix[] {
  const { numClasses, includeBackground = true } = options;
  const classes = classesOf({ numClasses, includeBackground });
  const overlaps = countOverlap(prediction, truth, numClasses).slice(-classes.length);
  return overlaps.map((overlap) => ({
    truePositive: overlap.both,
    falsePositive: overlap.prediction - overlap.both,
    trueNegative: truth.length - overlap.prediction - overlap.truth + overlap.both,
    falseNegative: overlap.truth - overlap.both,
  }));
}

type Formula = (tp: number, fp: number, tn: number, fn: number) => number;

const sensitivity: Formula = (tp, _fp, _tn, fn) => tp / (tp + fn);
const specificity: Formula = (_tp, fp, tn) => tn / (tn + fp);
const precision: Formula = (tp, fp) => tp / (tp + fp);
const negativePredictiveValue: Formula = (_tp, _fp, tn, fn) => tn / (tn + fn);

const FORMULAS = {
  sensitivity,
  specificity,
  precision,
  negative_predictive_value: negativePredictiveValue,
  miss_rate: (...counts) => 1 - sensitivity(...counts),
  fall_out: (...counts) => 1 - specificity(...counts),
  false_discovery_rate: (...counts) => 1 - precision(...counts),
  false_omission_rate: (...counts) => 1 - negativePredictiveValue(...counts),
  prevalence_threshold: (...counts) => {
    const [tpr, tnr] = [sensitivity(...counts), specificity(...counts)];
    return (Math.sqrt(tpr * (1 - tnr)) + tnr - 1) / (tpr + tnr - 1);
  },
  threat_score: (tp, fp, _tn, fn) => tp / (tp + fn + fp),
  accuracy: (tp, fp, tn, fn) => (tp + tn) / (tp + fp + tn + fn),
  balanced_accuracy: (...counts) => (sensitivity(...counts) + specificity(...counts)) / 2,
  f1_score: (tp, fp, _tn, fn) => (2 * tp) / (2 * tp + fn + fp),
  matthews_correlation_coefficient: (tp, fp, tn, fn) =>
    (tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
  fowlkes_mallows_index: (...counts) => Math.sqrt(precision(...counts) * sensitivity(...counts)),
  informedness: (...counts) => sensitivity(...counts) + specificity(...counts) - 1,
  markedness: (...counts) => precision(...counts) + negativePredictiveValue(...counts) - 1,
} satisfies Record<string, Formula>;

/** A name of the original's list, with underscores. */
export type ConfusionMatrixMetric = keyof typeof FORMULAS;

export const CONFUSION_MATRIX_METRICS = Object.keys(FORMULAS) as ConfusionMatrixMetric[];

/**
 * A figure of merit from the counts of one class; NaN where its denominator is 0.
 *
 * @parity monai.metrics.compute_confusion_matrix_metric
 */
export function computeConfusionMatrixMetric(metric: ConfusionMatrixMetric, matrix: ConfusionMatrix): number {
  const { truePositive, falsePositive, trueNegative, falseNegative } = matrix;
  const value = FORMULAS[metric](truePositive, falsePositive, trueNegative, falseNegative);
  return Number.isFinite(value) ? value : Number.NaN;
}
