import { ops as $, range, sameShape, type Tensor } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';

/** Names and defaults are MONAI's. */
export interface DeepSupervisionOptions {
  /** Of one level. */
  readonly loss: (prediction: Tensor, target: Tensor) => Tensor;
  /** `exp`: 1, 1/2, 1/4, ... down to 1/16; `two`: 1, 1/2, 1/2, ...; `same`: all 1. */
  readonly weightMode?: 'exp' | 'two' | 'same';
  /** In place of the mode's. */
  readonly weights?: readonly number[];
  /** Divides the weights by their sum, as nnU-Net does. */
  readonly normalize?: boolean;
}

/**
 * Weighted sum of a loss at every level of a deeply supervised network; the target is brought to each level's size
 * by taking the nearest voxel.
 *
 * @param predictions - `[B, C, ...S]` each, the finest first
 * @param target - `[B, 1 or C, ...S]` of the finest size
 * @source Lee et al. 2015, Deeply-supervised nets
 * @parity monai.losses.DeepSupervisionLoss
 */
export function deepSupervisionLoss(
  predictions: readonly Tensor[],
  target: Tensor,
  options: DeepSupervisionOptions,
): Tensor {
  const weights = levelWeights(predictions.length, options);
  const parts = predictions.map((prediction, level) =>
    $.mul(options.loss(prediction, nearest(target, prediction.shape.slice(2))), weights[level] as number),
  );
  return parts.reduce((sum, part) => $.add(sum, part));
}

const MODES = {
  exp: (level: number) => Math.max(0.5 ** level, 0.0625),
  two: (level: number) => (level === 0 ? 1 : 0.5),
  same: () => 1,
};

function levelWeights(
  levels: number,
  { weightMode = 'exp', weights, normalize = false }: DeepSupervisionOptions,
): number[] {
  if (levels === 0 || (weights && weights.length < levels)) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'deepSupervisionLoss: weights',
      got: weights?.length ?? 0,
      expected: `${levels} levels, at least 1`,
    });
  }
  const raw = range(levels).map((level) => weights?.[level] ?? MODES[weightMode](level));
  const total = normalize ? raw.reduce((a, b) => a + b) : 1;
  return raw.map((weight) => weight / total);
}

/** Each element of the result is the one of x whose cell holds its centre. */
function nearest(x: Tensor, space: readonly number[]): Tensor {
  if (sameShape(x.shape.slice(2), space)) return x;
  return space.reduce((current, size, i) => {
    const step = (x.shape[i + 2] as number) / size;
    const places = range(size).map((k) => Math.floor((k + 0.5) * step));
    return $.gather(current, $.constant(places, [size], 'int64'), i + 2);
  }, x);
}
