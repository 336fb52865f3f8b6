import {
  ops as $,
  convolutionLayer,
  instanceNorm,
  linear,
  range,
  type Scope,
  type Tensor,
  zeros,
} from '@vesalius/engine';
import { modalityEncoder } from '../modalities/modality-encoder.ts';
import { binaryCode } from './binary-code.ts';

/**
 * What is where, whatever the modality: in every place of every level, which features are above their mean in the image.
 *
 * @param x - `[B, 1, ...S]`
 * @param stem - stride of the first level
 * @returns 0 or 1 in `[B, channels, ...S / (stem 2^level)]` of every level
 */
export function contentCode(scope: Scope, x: Tensor, channels: readonly number[], stem = 1): Tensor[] {
  return modalityEncoder(scope, x, channels, stem).map((level) => binaryCode(instanceNorm(scope, level)));
}

/** A code of a normal distribution, `[B, size]` each. */
export interface AppearanceCode {
  readonly mean: Tensor;
  readonly logVariance: Tensor;
}

/**
 * How a modality looks, without any place: one vector an image.
 *
 * @source Chen et al. 2019, Robust multimodal brain tumor segmentation via feature disentanglement and gated fusion
 */
export function appearanceCode(scope: Scope, x: Tensor, size: number): AppearanceCode {
  let y = x;
  for (const [i, outChannels] of [8, 16, 32].entries()) {
    const layer = { outChannels, kernelSize: 3, stride: 2, padding: 1 };
    y = $.leakyRelu(convolutionLayer(scope.child(`conv${i}`), y, layer));
  }
  const whole = $.mean(y, range(y.shape.length - 2, 2), false);
  return {
    mean: linear(scope.child('mean'), whole, { outFeatures: size }),
    logVariance: linear(scope.child('log_variance'), whole, {
      outFeatures: size,
      initializer: zeros,
      biasInitializer: zeros,
    }),
  };
}

/** A draw of the code while training, its mean else. @source Kingma and Welling 2014 */
export function drawAppearance(scope: Scope, { mean, logVariance }: AppearanceCode): Tensor {
  if (!scope.training) return mean;
  const { key, stream } = scope.random();
  return $.add(mean, $.mul($.exp($.mul(logVariance, 0.5)), $.randomNormal(key, mean.shape, stream)));
}

/** How far the codes are from a standard normal distribution, in nats, averaged over the batch. */
export function appearanceDivergence({ mean, logVariance }: AppearanceCode): Tensor {
  const each = $.sub($.add($.square(mean), $.exp(logVariance)), $.add(logVariance, 1));
  return $.mul($.mean($.sum(each, [1])), 0.5);
}
