import {
  ops as $,
  batchNorm,
  convolutionLayer,
  elementCount,
  type Initializer,
  linear,
  normal,
  range,
  type Scope,
  type Tensor,
  zeros,
} from '@vesalius/engine';
import { assertInput } from './assert-input.ts';

export interface MobileNetV2Options {
  /** Without it the pooled features are returned. */
  readonly numClasses?: number;
}

/** Expansion, channels, blocks, and stride of the first block, of each stage. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

const LAST_CHANNELS = 1280;

/**
 * MobileNetV2 of width 1 under torchvision's parameter names.
 *
 * @param x - `[B, C, H, W]`
 * @returns logits `[B, numClasses]`, or features `[B, 1280]`
 * @source Sandler et al. 2018, Inverted residuals and linear bottlenecks
 * @parity torchvision.models.mobilenet_v2
 */
export function mobileNetV2(scope: Scope, x: Tensor, { numClasses }: MobileNetV2Options = {}): Tensor {
  assertInput('mobileNetV2', x);
  const features = scope.child('features');
  let y = convolveNormed(features.child(0), x, { outChannels: 32, kernelSize: 3, stride: 2 });
  let number = 1;
  for (const [expansion, outChannels, count, stride] of STAGES)
    for (const i of range(count)) {
      const block = { expansion, outChannels, stride: i === 0 ? stride : 1 };
      y = invertedResidual(features.child(number++).child('conv'), y, block);
    }
  const last = convolveNormed(features.child(number), y, { outChannels: LAST_CHANNELS, kernelSize: 1 });
  const pooled = $.reshape($.globalAveragePool(last), last.shape.slice(0, 2));
  if (numClasses === undefined) return pooled;
  return linear(scope.child('classifier.1'), pooled, {
    outFeatures: numClasses,
    initializer: normal(0.01),
    biasInitializer: zeros,
  });
}

interface Convolve {
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride?: number;
  readonly groups?: number;
}

/** @source He et al. 2015, with the fan of the outputs, which groups have in common */
const kaimingByFanOut: Initializer = (shape, random) =>
  normal(Math.sqrt((2 * (shape[1] as number)) / elementCount(shape)))(shape, random);

const convolve = (scope: Scope, x: Tensor, options: Convolve): Tensor =>
  convolutionLayer(scope, x, {
    ...options,
    padding: Math.floor(options.kernelSize / 2),
    bias: false,
    initializer: kaimingByFanOut,
  });

/** Convolution `0`, norm `1`, and a ReLU that ends at 6. */
const convolveNormed = (scope: Scope, x: Tensor, options: Convolve): Tensor =>
  $.clip(batchNorm(scope.child(1), convolve(scope.child(0), x, options)), 0, 6);

interface Block {
  readonly expansion: number;
  readonly outChannels: number;
  readonly stride: number;
}

function invertedResidual(scope: Scope, x: Tensor, { expansion, outChannels, stride }: Block): Tensor {
  const channels = x.shape[1] as number;
  const wide = channels * expansion;
  const expanded = expansion === 1 ? x : convolveNormed(scope.child(0), x, { outChannels: wide, kernelSize: 1 });
  const at = expansion === 1 ? 0 : 1;
  const depthwise = { outChannels: wide, kernelSize: 3, stride, groups: wide };
  const filtered = convolveNormed(scope.child(at), expanded, depthwise);
  const projected = convolve(scope.child(at + 1), filtered, { outChannels, kernelSize: 1 });
  const y = batchNorm(scope.child(at + 2), projected);
  return stride === 1 && channels === outChannels ? $.add(x, y) : y;
}
