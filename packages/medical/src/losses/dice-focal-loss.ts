import { ops as $, type Tensor } from '@vesalius/engine';
import { oneHotTarget } from './compare-classes.ts';
import { type DiceLossOptions, diceLoss } from './dice-loss.ts';
import { focalLoss } from './focal-loss.ts';
import { type GeneralizedDiceLossOptions, generalizedDiceLoss } from './generalized-dice-loss.ts';

interface FocalPart {
  readonly gamma?: number;
  readonly alpha?: number | readonly number[];
  /** Of each class that counts. */
  readonly weight?: readonly number[];
  readonly lambdaFocal?: number;
}

/** Names and defaults are MONAI's. */
export interface DiceFocalLossOptions extends DiceLossOptions, FocalPart {
  readonly lambdaDice?: number;
}

/**
 * Dice loss and sigmoid focal loss together.
 *
 * @param logits - `[B, C, ...S]`; `softmax` or `sigmoid` concern the Dice part
 * @param target - `[B, C, ...S]`, or class numbers `[B, 1, ...S]` with `toOnehotY`
 * @returns scalar; `[B, C, ...S]` for reduction none
 * @throws SHAPE_MISMATCH when the sizes differ
 * @source Zhu et al. 2018, AnatomyNet
 * @parity monai.losses.DiceFocalLoss
 */
export function diceFocalLoss(logits: Tensor, target: Tensor, options: DiceFocalLossOptions = {}): Tensor {
  const { lambdaDice = 1, ...rest } = options;
  const classes = classTarget(logits, target, options);
  const overlap = diceLoss(logits, classes, { ...rest, toOnehotY: false });
  return $.add($.mul(overlap, lambdaDice), focalPart(logits, classes, options));
}

/** Names and defaults are MONAI's. */
export interface GeneralizedDiceFocalLossOptions extends GeneralizedDiceLossOptions, Omit<FocalPart, 'alpha'> {
  readonly lambdaGdl?: number;
}

/**
 * Generalised Dice loss and sigmoid focal loss together; arguments as in `diceFocalLoss`.
 *
 * @parity monai.losses.GeneralizedDiceFocalLoss
 */
export function generalizedDiceFocalLoss(
  logits: Tensor,
  target: Tensor,
  options: GeneralizedDiceFocalLossOptions = {},
): Tensor {
  const { lambdaGdl = 1, ...rest } = options;
  const classes = classTarget(logits, target, options);
  const overlap = generalizedDiceLoss(logits, classes, { ...rest, toOnehotY: false });
  return $.add($.mul(overlap, lambdaGdl), focalPart(logits, classes, options));
}

function classTarget(logits: Tensor, target: Tensor, { toOnehotY = false }: { readonly toOnehotY?: boolean }): Tensor {
  return toOnehotY && (logits.shape[1] as number) > 1 ? oneHotTarget(target, logits) : target;
}

function focalPart(
  logits: Tensor,
  target: Tensor,
  options: FocalPart & Pick<DiceLossOptions, 'includeBackground' | 'reduction'>,
): Tensor {
  const { gamma, alpha, weight, includeBackground, reduction, lambdaFocal = 1 } = options;
  const given = { gamma, alpha, weight, includeBackground, reduction };
  const stated = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return $.mul(focalLoss(logits, target, stated), lambdaFocal);
}
