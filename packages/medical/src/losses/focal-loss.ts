import { ops as $, range, type Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { type ClassComparison, classWeights, compareClasses } from './compare-classes.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are MONAI's. */
export interface FocalLossOptions {
  readonly includeBackground?: boolean;
  readonly toOnehotY?: boolean;
  /** How much less a voxel counts that is predicted well; 0 for plain cross entropy. */
  readonly gamma?: number;
  /**
   * Share of the positive against the negative examples, 0 to 1; with softmax, of the foreground classes against the
   * background. Or one factor a class that counts, without softmax for its positive examples only.
   */
  readonly alpha?: number | readonly number[];
  /** Of each class that counts. */
  readonly weight?: readonly number[];
  readonly reduction?: LossReduction;
  /** Softmax over channels in place of a sigmoid for each. */
  readonly useSoftmax?: boolean;
}

/**
 * Cross entropy in which voxels already predicted well count less.
 *
 * @param logits - `[B, C, ...S]`
 * @param target - `[B, C, ...S]`, or class numbers `[B, 1, ...S]` with `toOnehotY`
 * @returns scalar (`sum` adds the means over space); `[B, C, ...S]` for reduction none
 * @throws SHAPE_MISMATCH when the sizes differ; INVALID_ARGUMENT for one alpha, softmax and no background
 * @source Lin et al. 2017, Focal loss for dense object detection; Zhu et al. 2018, AnatomyNet
 * @parity monai.losses.FocalLoss
 */
export function focalLoss(logits: Tensor, target: Tensor, options: FocalLossOptions = {}): Tensor {
  const { gamma = 2, alpha, weight, reduction = 'mean', useSoftmax = false } = options;
  const { includeBackground = true, toOnehotY = false } = options;
  if (useSoftmax && !includeBackground && typeof alpha === 'number') {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'focalLoss: alpha without background',
      got: alpha,
      expected: 'one a class',
    });
  }
  const sides = compareClasses(logits, target, { includeBackground, toOnehotY });
  const plain = useSoftmax ? softmaxFocal(sides, gamma) : sigmoidFocal(sides, gamma);
  const balanced = alpha === undefined ? plain : $.mul(plain, balance(sides, alpha, useSoftmax));
  const loss = weight ? $.mul(balanced, classWeights(weight, balanced)) : balanced;
  return reduceLoss(reduction === 'sum' ? $.mean(loss, range(loss.shape.length - 2, 2)) : loss, reduction);
}

function softmaxFocal({ prediction, target }: ClassComparison, gamma: number): Tensor {
  const logProbability = $.logSoftmax(prediction, 1);
  const entropy = $.neg($.mul(logProbability, target));
  return gamma === 0 ? entropy : $.mul(entropy, $.pow($.sub(1, $.exp(logProbability)), gamma));
}

/** The factor (1 - p_t)^gamma comes from log(1 - p_t), which does not overflow. */
function sigmoidFocal({ prediction, target }: ClassComparison, gamma: number): Tensor {
  const entropy = $.sub($.softplus(prediction), $.mul(prediction, target));
  const wrong = $.neg($.softplus($.mul(prediction, $.sub($.mul(target, 2), 1))));
  return $.mul(entropy, $.exp($.mul(wrong, gamma)));
}

function balance(
  { prediction, target }: ClassComparison,
  alpha: number | readonly number[],
  useSoftmax: boolean,
): Tensor {
  if (typeof alpha !== 'number') {
    const factors = classWeights(alpha, prediction);
    return useSoftmax ? factors : $.where($.equal(target, 1), factors, 1);
  }
  if (useSoftmax)
    return classWeights(
      range(prediction.shape[1] as number).map((c) => (c === 0 ? 1 - alpha : alpha)),
      prediction,
    );
  return $.add($.mul(target, 2 * alpha - 1), 1 - alpha);
}
