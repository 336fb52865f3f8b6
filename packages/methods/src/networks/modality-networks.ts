import { ops as $, range, type Scope, type Tensor } from '@vesalius/engine';
import type { NetworkBuilder, PlannedMethod } from '@vesalius/medical';
import { disentangle } from '../disentangle/disentangle.ts';
import { disentanglementLoss } from '../disentangle/disentangle-model.ts';
import { type MmFormerOptions, mmFormer } from '../mm-former/mm-former.ts';
import type { MmFormerSize } from '../mm-former/sizes.ts';

/** What a plan says of an mmFormer beside its channels and strides. */
export interface MmFormerPlan extends Omit<MmFormerSize, 'channels'> {
  /** Coarsest features of a patch, where tokens learn their positions. */
  readonly grid: readonly number[];
}

/** Alone, modalities are judged at half the resolution: a third of a step's time, for what only guides the encoders. */
const auxiliaryLevel = ({ channels }: PlannedMethod): number => Math.min(1, channels.length - 1);

/**
 * mmFormer for scans whose channels are modalities: a channel that is 0 everywhere is one that is missing. While training modalities are
 * hidden at random, any set of them as often as another.
 */
export function mmFormerNetwork(planned: PlannedMethod): NetworkBuilder {
  return (scope, image) => {
    const mask = maskOf(scope, image);
    return mmFormer(scope, { image, mask }, { ...mmFormerOptions(planned), auxiliaryLevel: auxiliaryLevel(planned) });
  };
}

/** What a plan says of a disentangled network beside its channels and strides. */
export interface DisentangledPlan {
  readonly stem: 1 | 2;
  readonly variant: 'adversarial' | 'contrastive';
}

/**
 * Content and appearance apart, for scans whose channels are modalities. Images are made again at half the resolution, which is all that the content
 * behind a stem holds.
 */
export function disentangledNetwork(planned: PlannedMethod): NetworkBuilder {
  const options = disentangleOptions(planned);
  return (scope, image) => {
    const inputs = { image, mask: maskOf(scope, image) };
    const result = disentangle(scope, inputs, options);
    if (!scope.training) return { logits: result.logits };
    // Its weights are for losses of levels that add up, where a plan's training averages them.
    const penalty = $.div(disentanglementLoss(scope, { inputs, result }, options), result.logits.length);
    return { logits: result.logits, penalty };
  };
}

/** What a plan says of a disentangled network, as it takes it. */
export function disentangleOptions({ outChannels, channels, options }: PlannedMethod) {
  return { outChannels, channels, ...(options as unknown as DisentangledPlan) };
}

/** What a plan says of an mmFormer, as the network takes it. */
export function mmFormerOptions({ outChannels, channels, options }: PlannedMethod): MmFormerOptions {
  const { grid, ...tokens } = options as unknown as MmFormerPlan;
  return { outChannels, grid, size: { ...tokens, channels } };
}

/** Which modalities of an image are used, `[B, M]`; all, where none would be left. */
export function maskOf(scope: Scope, image: Tensor): Tensor {
  const [batch = 1, modalities = 1, ...space] = image.shape;
  const largest = $.max($.abs(image), range(space.length, 2), false);
  const there = $.cast($.greater($.reshape(largest, [batch, modalities]), 0), 'float32');
  if (!scope.training) return orAll(there);
  const { key, stream } = scope.random();
  const kept = $.cast($.greater($.randomUniform(key, there.shape, stream), 0.5), 'float32');
  return orAll($.mul(orAll(there), orAll(kept)));
}

const orAll = (mask: Tensor): Tensor => $.maximum(mask, $.sub(1, $.max(mask, [1])));
