import { ops as $, type Tensor } from '@vesalius/engine';
import { classWeights, compareClasses, oneHotTarget } from './compare-classes.ts';
import { type LossReduction, reduceLoss } from './reduce-loss.ts';

/** Names and defaults are PyTorch's. */
export interface CrossEntropyOptions {
  /** Of each class. */
  readonly weight?: readonly number[];
  /** Share of the target spread evenly over the classes. */
  readonly labelSmoothing?: number;
  /** Class number of voxels that do not count. */
  readonly ignoreIndex?: number;
  readonly reduction?: LossReduction;
}

/**
 * Cross entropy of the softmax over channels.
 *
 * @param logits - `[B, C, ...S]`
 * @param target - class numbers `[B, 1, ...S]`, averaged by their classes' weights; or probabilities `[B, C, ...S]`
 * @returns scalar; `[B, 1, ...S]` for reduction none
 * @throws SHAPE_MISMATCH when the sizes differ
 * @parity torch.nn.CrossEntropyLoss
 */
export function crossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { weight, labelSmoothing = 0, ignoreIndex, reduction = 'mean' } = options;
  const classes = logits.shape[1] as number;
  const numbered = target.shape[1] === 1 && classes > 1;
  const hard = numbered ? oneHotTarget(target, logits) : compareClasses(logits, target, {}).target;
  const wanted = labelSmoothing === 0 ? hard : $.add($.mul(hard, 1 - labelSmoothing), labelSmoothing / classes);
  const weights = weight && classWeights(weight, logits);
  const weigh = (x: Tensor): Tensor => (weights ? $.mul(x, weights) : x);
  const surprise = $.neg($.sum(weigh($.mul(wanted, $.logSoftmax(logits, 1))), [1]));
  const counts = numbered && ignoreIndex !== undefined ? counted(target, logits, ignoreIndex) : undefined;
  const loss = counts ? $.mul(surprise, counts) : surprise;
  if (reduction !== 'mean' || !numbered || !(weights || counts)) return reduceLoss(loss, reduction);
  const shares = weigh(counts ? $.mul(hard, counts) : hard);
  return $.div(reduceLoss(loss, 'sum'), reduceLoss(shares, 'sum'));
}

/** 1 where a voxel counts, `[B, 1, ...S]`. */
function counted(target: Tensor, { dtype }: Tensor, ignoreIndex: number): Tensor {
  return $.cast($.not($.equal($.cast(target, dtype), ignoreIndex)), dtype);
}
