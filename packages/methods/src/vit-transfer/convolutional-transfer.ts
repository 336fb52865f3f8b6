import { ops as $, linear, normal, type Scope, type Tensor, zeros } from '@vesalius/engine';
import { VesaliusError } from '@vesalius/errors';
import { greyStatistics, IMAGENET_COLOURS, mobileNetV2 } from '@vesalius/medical';
import type { ConvolutionalOptions, TransferNetwork } from './transfer-network.ts';

/** Ways that ask nothing of a transformer. */
const METHODS = ['linear-probe', 'full'] as const;

/**
 * MobileNetV2 to be transferred to a classification of images: a new classifier on its pooled features, alone or with all layers.
 *
 * @throws INVALID_ARGUMENT for a method that is a transformer's
 */
export function convolutionalTransfer({ method, numClasses, convolutional }: ConvolutionalOptions): TransferNetwork {
  const features = (scope: Scope, x: Tensor): Tensor => mobileNetV2(scope, inColours(x));
  const classify = (scope: Scope, pooled: Tensor): Tensor =>
    linear(scope.child('head'), pooled, {
      outFeatures: numClasses,
      initializer: normal(0.01),
      biasInitializer: zeros,
    });
  const frozen = (): boolean => false;
  if (method === 'linear-probe') return { prefix: features, suffix: classify, frozen, replaced: () => true };
  if (method === 'full')
    return {
      suffix: (scope, x) => classify(scope, features(scope, x)),
      frozen,
      replaced: (name) => name.startsWith('head.'),
    };
  throw new VesaliusError('INVALID_ARGUMENT', {
    what: `method for ${convolutional}`,
    got: method,
    expected: METHODS.join(' or '),
  });
}

/** A grey image as three colours, each normalised as ImageNet's were; colours as they are. */
function inColours(x: Tensor): Tensor {
  if (x.shape[1] !== 1) return x;
  const grey = greyStatistics(IMAGENET_COLOURS);
  const colours = IMAGENET_COLOURS.mean.map((mean, c) =>
    $.div($.add($.mul(x, grey.deviation), grey.mean - mean), IMAGENET_COLOURS.deviation[c] as number),
  );
  return $.concat(colours, 1);
}
