import { ops as $, type Tensor } from '@vesalius/engine';
import { binaryCrossEntropyWithLogits } from './binary-cross-entropy.ts';
import { crossEntropy } from './cross-entropy.ts';
import { type DiceLossOptions, diceLoss } from './dice-loss.ts';

/** Names and defaults are MONAI's. */
export interface DiceCELossOptions extends Omit<DiceLossOptions, 'reduction'> {
  readonly reduction?: 'mean' | 'sum';
  readonly lambdaDice?: number;
  readonly lambdaCe?: number;
  readonly labelSmoothing?: number;
  /** Of every class, the background too; the positive examples' weight for a single channel. */
  readonly weight?: readonly number[];
}

/**
 * Dice loss and cross entropy together; binary cross entropy for a single channel.
 *
 * @param logits - `[B, C, ...S]`; `softmax` or `sigmoid` concern the Dice part
 * @param target - class numbers `[B, 1, ...S]` with `toOnehotY`, or `[B, C, ...S]`
 * @returns scalar
 * @throws SHAPE_MISMATCH when the sizes differ
 * @source Taghanaki et al. 2019, Combo loss
 * @parity monai.losses.DiceCELoss
 */
export function diceCELoss(logits: Tensor, target: Tensor, options: DiceCELossOptions = {}): Tensor {
  const { lambdaDice = 1, lambdaCe = 1, labelSmoothing, weight, ...dice } = options;
  const reduction = options.reduction ?? 'mean';
  const single = logits.shape[1] === 1;
  const counted = weight && options.includeBackground === false ? weight.slice(1) : weight;
  const overlap = diceLoss(logits, target, { ...dice, ...(counted && !single && { weight: counted }) });
  const entropy = single
    ? binaryCrossEntropyWithLogits(logits, target, { reduction, ...(weight && { posWeight: weight }) })
    : crossEntropy(logits, target, { reduction, ...(weight && { weight }), ...(labelSmoothing && { labelSmoothing }) });
  return $.add($.mul(overlap, lambdaDice), $.mul(entropy, lambdaCe));
}
