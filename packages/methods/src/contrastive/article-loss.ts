import { ops as $, range, type Tensor } from '@vesalius/engine';

export interface ContrastiveLossOptions {
  /** 0.5 by default. */
  readonly temperature?: number;
}

/**
 * The loss that a survey of deep learning on medical images lists as `MedicalContrastiveLoss`, exactly as its code stands.
 *
 * Its numerator is the diagonal of the similarities, which is each sample beside *itself*: no pair of two views comes into it. Of unit
 * features the numerator is the constant exp(1 / temperature), so that all the loss can do is to drive every two samples apart, two views
 * of one image as well: nothing that is alike is drawn together. Of features that are not normalised it falls without end as their
 * lengths grow. `ntXent` is what was meant; `docs/contrastive-loss.md` shows both at work.
 *
 * @param features - `[B, D]`, taken as they are
 * @returns `[]`
 */
export function articleContrastiveLoss(features: Tensor, { temperature = 0.5 }: ContrastiveLossOptions = {}): Tensor {
  const similarities = $.exp($.matMul(features, features, { transposeB: true, scale: 1 / temperature }));
  const numerator = $.sum($.mul(similarities, diagonal(features.shape[0] as number)), [1]);
  const denominator = $.sub($.sum(similarities, [1]), numerator);
  return $.reshape($.mean($.neg($.log($.div(numerator, denominator)))), []);
}

/** 1 on the diagonal, `[size, size]`. */
export function diagonal(size: number): Tensor {
  return $.constant(
    range(size * size).map((i) => (i % (size + 1) === 0 ? 1 : 0)),
    [size, size],
  );
}
