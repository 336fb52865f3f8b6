import {
  ops as $,
  batchNorm,
  convolutionLayer,
  dropout,
  kaimingNormal,
  linear,
  type Scope,
  type Tensor,
  zeros,
} from '@vesalius/engine';
import { assertInput } from './assert-input.ts';

/** Names and defaults are MONAI's. */
export interface DenseNetOptions {
  readonly outChannels: number;
  readonly initFeatures?: number;
  /** Channels that each layer adds. */
  readonly growthRate?: number;
  /** Layers of each block. */
  readonly blockConfig?: readonly number[];
  /** Channels of the bottleneck, in growth rates. */
  readonly bnSize?: number;
  /** Of whole channels, after each layer. */
  readonly dropoutProb?: number;
}

/** Blocks of the published depths: `denseNet(scope, x, { ...DENSENETS[121], outChannels: 2 })`. */
export const DENSENETS = {
  121: { initFeatures: 64, growthRate: 32, blockConfig: [6, 12, 24, 16] },
  169: { initFeatures: 64, growthRate: 32, blockConfig: [6, 12, 32, 32] },
  201: { initFeatures: 64, growthRate: 32, blockConfig: [6, 12, 48, 32] },
  264: { initFeatures: 64, growthRate: 32, blockConfig: [6, 12, 64, 48] },
} as const satisfies Record<number, Omit<DenseNetOptions, 'outChannels'>>;

/**
 * Densely connected network for classification, with batch norm and ReLU.
 *
 * @param x - `[B, C, ...S]`
 * @returns logits `[B, outChannels]`
 * @throws SHAPE_MISMATCH unless there are 2 or 3 spatial axes
 * @source Huang et al. 2017, Densely connected convolutional networks
 * @parity monai.networks.nets.DenseNet
 */
export function denseNet(scope: Scope, x: Tensor, options: DenseNetOptions): Tensor {
  const { outChannels, initFeatures = 64, blockConfig = DENSENETS[121].blockConfig } = options;
  assertInput('denseNet', x);
  const features = scope.child('features');
  const first = convolve(features.child('conv0'), x, {
    outChannels: initFeatures,
    kernelSize: 7,
    stride: 2,
    padding: 3,
  });
  let y = $.maxPool(normRelu(features.child('norm0'), first), 3, { stride: 2, padding: 1 });
  for (const [i, count] of blockConfig.entries()) {
    for (let layer = 1; layer <= count; layer++)
      y = denseLayer(features.child(`denseblock${i + 1}.denselayer${layer}.layers`), y, options);
    if (i < blockConfig.length - 1) y = transition(features.child(`transition${i + 1}`), y);
  }
  const pooled = $.globalAveragePool(normRelu(features.child('norm5'), y));
  const flat = $.reshape(pooled, y.shape.slice(0, 2));
  return linear(scope.child('class_layers.out'), flat, { outFeatures: outChannels, biasInitializer: zeros });
}

function convolve(
  scope: Scope,
  x: Tensor,
  layer: { outChannels: number; kernelSize: number; stride?: number; padding?: number },
): Tensor {
  return convolutionLayer(scope, x, { ...layer, bias: false, initializer: kaimingNormal() });
}

const normRelu = (scope: Scope, x: Tensor): Tensor => $.relu(batchNorm(scope, x));

function denseLayer(
  scope: Scope,
  x: Tensor,
  { growthRate = 32, bnSize = 4, dropoutProb = 0 }: DenseNetOptions,
): Tensor {
  const narrow = convolve(scope.child('conv1'), normRelu(scope.child('norm1'), x), {
    outChannels: bnSize * growthRate,
    kernelSize: 1,
  });
  const added = convolve(scope.child('conv2'), normRelu(scope.child('norm2'), narrow), {
    outChannels: growthRate,
    kernelSize: 3,
    padding: 1,
  });
  const channels = added.shape.map((size, axis) => (axis < 2 ? size : 1));
  return $.concat([x, dropout(scope, added, dropoutProb, channels)], 1);
}

/** Halves channels and size. */
function transition(scope: Scope, x: Tensor): Tensor {
  const narrow = convolve(scope.child('conv'), normRelu(scope.child('norm'), x), {
    outChannels: Math.floor((x.shape[1] as number) / 2),
    kernelSize: 1,
  });
  return $.averagePool(narrow, 2);
}
