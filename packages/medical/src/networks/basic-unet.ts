import { ops as $, convolutionLayer, type Scope, type Tensor, transposedConvolutionLayer } from '@vesalius/engine';
import type { Act } from './activate.ts';
import { assertInput, assertOption } from './assert-input.ts';
import { convolutionBlock } from './convolution-block.ts';
import type { Norm } from './normalize.ts';

/** Names and defaults are MONAI's. */
export interface BasicUNetOptions {
  readonly outChannels?: number;
  /** Five levels, the finest first, then the channels before the last convolution. */
  readonly features?: readonly number[];
  readonly act?: Act;
  readonly norm?: Norm;
  readonly bias?: boolean;
  readonly dropout?: number;
}

/**
 * U-Net of five levels with maximum pooling.
 *
 * @param x - `[B, C, ...S]`, each size a multiple of 16
 * @returns logits `[B, outChannels, ...S]`
 * @throws SHAPE_MISMATCH for another size, INVALID_ARGUMENT unless there are six features
 * @source Falk et al. 2019, U-Net: deep learning for cell counting, detection, and morphometry
 * @parity monai.networks.nets.BasicUNet
 */
export function basicUnet(scope: Scope, x: Tensor, options: BasicUNetOptions = {}): Tensor {
  const { outChannels = 2, features = [32, 32, 64, 128, 256, 32] } = options;
  assertOption(features.length === 6, 'basicUnet: features', features.length, '6');
  assertInput('basicUnet', x, [2, 2, 2, 2]);
  const feature = (level: number): number => features[level] as number;
  const skips = [twoConvolutions(scope.child('conv_0'), x, feature(0), options)];
  for (let level = 1; level < 5; level++) {
    const pooled = $.maxPool(skips[level - 1] as Tensor, 2);
    skips.push(twoConvolutions(scope.child(`down_${level}.convs`), pooled, feature(level), options));
  }
  let y = skips[4] as Tensor;
  for (let level = 4; level >= 1; level--) {
    const inner = scope.child(`upcat_${level}`);
    const narrow = level === 1 ? feature(1) : feature(level) / 2;
    const larger = transposedConvolutionLayer(inner.child('upsample.deconv'), y, {
      outChannels: narrow,
      kernelSize: 2,
      stride: 2,
    });
    const joined = $.concat([skips[level - 1] as Tensor, larger], 1);
    y = twoConvolutions(inner.child('convs'), joined, feature(level === 1 ? 5 : level - 1), options);
  }
  return convolutionLayer(scope.child('final_conv'), y, { outChannels, kernelSize: 1 });
}

/** Parameters `conv_0.*`, `conv_1.*`. */
export function twoConvolutions(scope: Scope, x: Tensor, outChannels: number, options: BasicUNetOptions): Tensor {
  const {
    act = { name: 'leakyrelu', negativeSlope: 0.1 },
    norm = { name: 'instance', affine: true },
    bias = true,
  } = options;
  const block = { outChannels, act, norm, bias, dropout: options.dropout ?? 0 };
  return convolutionBlock(scope.child('conv_1'), convolutionBlock(scope.child('conv_0'), x, block), block);
}
