import { ops as $, convolutionLayer, instanceNorm, type Scope, type Tensor } from '@vesalius/engine';
import { unet } from '../networks/unet.ts';
import { type DetectorSetup, OUTPUT_STRIDE } from './detector-setup.ts';

export interface DetectorAnswer {
  /** Logits that a finding has its centre here, `[B, 1, ...S / 2]`. */
  readonly heat: Tensor;
  /** Logarithm of a finding's diameter in centimetres, `[B, 1, ...S / 2]`. */
  readonly size: Tensor;
}

/** Before anything is learned a place holds a finding with this probability: nearly all places are empty. */
const PRIOR = 0.01;

/**
 * A U-Net behind a halving, with an answer for every place: whether a finding has its centre there, and how large it is.
 *
 * @param x - `[B, 1, ...S]`, -1 to 1
 * @source Zhou et al. 2019, Objects as points
 */
export function detectorNetwork(
  scope: Scope,
  x: Tensor,
  { channels }: Pick<DetectorSetup, 'channels'>,
): DetectorAnswer {
  const [width = 16] = channels;
  const narrow = convolutionLayer(scope.child('stem'), x, {
    outChannels: width,
    kernelSize: 3,
    stride: OUTPUT_STRIDE,
    padding: 1,
  });
  const entered = $.leakyRelu(instanceNorm(scope.child('norm'), narrow, { affine: true }));
  const answer = unet(scope.child('unet'), entered, {
    outChannels: 2,
    channels,
    strides: channels.slice(1).map(() => 2),
    numResUnits: 1,
    norm: { name: 'instance', affine: true },
    act: { name: 'leakyrelu', negativeSlope: 0.1 },
  });
  return {
    heat: $.add($.sliceAxis(answer, 1, 0, 1), Math.log(PRIOR / (1 - PRIOR))),
    size: $.sliceAxis(answer, 1, 1, 2),
  };
}
