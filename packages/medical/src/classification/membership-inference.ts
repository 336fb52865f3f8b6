import { computeRocAuc } from '../metrics/roc-auc.ts';
import { rocCurve } from '../metrics/roc-curve.ts';
import type { LabelledImages } from './labelled-images.ts';

export interface MembershipLeak {
  /** How often an image that was trained on has the lower loss: 0.5 where the model tells nothing, 1 where it tells all. */
  readonly auc: number;
  /** Largest difference of true and false alarms over all thresholds, 0 to 1; private training bounds it. */
  readonly advantage: number;
}

/**
 * Whether a model tells which images it was trained on: those it knows have lower losses.
 *
 * @param members - probabilities `[N, classes]` of images it was trained on, and their labels
 * @param others - of images of the same kind that it never saw
 * @throws SHAPE_MISMATCH, NOT_FINITE
 * @source Yeom et al. 2018, Privacy risk in machine learning: analyzing the connection to overfitting
 */
export function inferMembership(members: Answered, others: Answered): MembershipLeak {
  const losses = [members, others].map(lossesOf) as [Float64Array, Float64Array];
  const scores = Float64Array.from([...losses[0], ...losses[1]], (loss) => -loss);
  const truth = scores.map((_, i) => (i < losses[0].length ? 1 : 0));
  const { truePositives, falsePositives, positives, negatives } = rocCurve(scores, truth);
  const differences = Array.from(
    truePositives,
    (hits, i) => (hits as number) / positives - (falsePositives[i] as number) / negatives,
  );
  return { auc: computeRocAuc(scores, truth), advantage: Math.max(...differences) };
}

/** What a model said to images, and what is true of them. */
export interface Answered extends Pick<LabelledImages, 'labels'> {
  /** `[N, classes]` */
  readonly probabilities: ArrayLike<number>;
}

function lossesOf({ probabilities, labels }: Answered): Float64Array {
  const classes = probabilities.length / labels.length;
  return Float64Array.from(
    labels,
    (label, n) => -Math.log(Math.max(1e-12, probabilities[n * classes + label] as number)),
  );
}
