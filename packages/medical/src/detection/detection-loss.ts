import { ops as $, type Tensor } from '@vesalius/engine';
import type { DetectorAnswer } from './detector-network.ts';

export interface DetectionTargets {
  /** 1 at the centre of a finding, falling off around it, `[B, 1, ...S]`. */
  readonly heat: Tensor;
  /** Logarithm of the diameter in centimetres at each centre; elsewhere anything. */
  readonly size: Tensor;
}

/** How much less a place counts that is told right already, and an empty place next to a finding. */
const [FOCUS, NEAR] = [2, 4];
const SIZE_WEIGHT = 0.2;

/**
 * Focal loss over places, in which those next to a finding are hardly blamed for speaking up, and the absolute error of sizes at the centres.
 *
 * @returns scalar, per finding
 * @source Law and Deng 2018, CornerNet; Zhou et al. 2019, Objects as points
 */
export function detectionLoss({ heat: logits, size }: DetectorAnswer, targets: DetectionTargets): Tensor {
  const centre = $.cast($.greaterOrEqual(targets.heat, 1), 'float32');
  const count = $.maximum($.sum(centre), 1);
  const found = $.sigmoid(logits);
  const missed = $.mul($.mul(centre, $.pow($.sub(1, found), FOCUS)), $.softplus($.neg(logits)));
  const nearness = $.pow($.sub(1, targets.heat), NEAR);
  const alarm = $.mul($.mul(nearness, $.pow(found, FOCUS)), $.softplus(logits));
  const wrongSize = $.mul(centre, $.abs($.sub(size, targets.size)));
  const total = $.add($.sum($.add(missed, alarm)), $.mul($.sum(wrongSize), SIZE_WEIGHT));
  return $.reshape($.div(total, count), []);
}
