import {
  ops as $,
  batchNorm,
  convolutionLayer,
  elementCount,
  type Initializer,
  linear,
  normal,
  type Scope,
  type Tensor,
  zeros,
} from '@vesalius/engine';
import { assertInput, assertOption } from './assert-input.ts';
import { type PerAxis, perAxis } from './per-axis.ts';

/** Names and defaults are MONAI's. */
export interface ResNetOptions {
  readonly block: 'basic' | 'bottleneck';
  /** Blocks of the four stages. */
  readonly layers: readonly number[];
  /** Channels of the four stages, four times as many after a bottleneck. */
  readonly blockInplanes?: readonly number[];
  readonly conv1TSize?: PerAxis;
  readonly conv1TStride?: PerAxis;
  readonly noMaxPool?: boolean;
  /** What carries the input over where size or channels change: A strides and adds channels of zeros (MONAI stops its gradient), B convolves. */
  readonly shortcutType?: 'A' | 'B';
  readonly widenFactor?: number;
  readonly numClasses?: number;
  /** Without it the pooled features are returned. */
  readonly feedForward?: boolean;
  readonly biasDownsample?: boolean;
}

/** Blocks of the published depths: `resNet(scope, x, { ...RESNETS[18], numClasses: 2 })`. */
export const RESNETS = {
  10: { block: 'basic', layers: [1, 1, 1, 1] },
  18: { block: 'basic', layers: [2, 2, 2, 2] },
  34: { block: 'basic', layers: [3, 4, 6, 3] },
  50: { block: 'bottleneck', layers: [3, 4, 6, 3] },
  101: { block: 'bottleneck', layers: [3, 4, 23, 3] },
  152: { block: 'bottleneck', layers: [3, 8, 36, 3] },
} as const satisfies Record<number, ResNetOptions>;

/**
 * Residual network for classification, with batch norm and ReLU.
 *
 * @param x - `[B, C, ...S]`
 * @returns logits `[B, numClasses]`, or features `[B, channels]` without `feedForward`
 * @throws SHAPE_MISMATCH unless there are 2 or 3 spatial axes
 * @source He et al. 2016, Deep residual learning; Hara et al. 2018, Can spatiotemporal 3D CNNs retrace the history of 2D CNNs
 * @parity monai.networks.nets.ResNet
 */
export function resNet(scope: Scope, x: Tensor, options: ResNetOptions): Tensor {
  const {
    layers,
    blockInplanes = [64, 128, 256, 512],
    widenFactor = 1,
    numClasses = 400,
    feedForward = true,
  } = options;
  assertInput('resNet', x);
  assertOption(
    layers.length === 4 && blockInplanes.length === 4,
    'resNet: layers and blockInplanes',
    layers,
    '4 stages each',
  );
  const planes = blockInplanes.map((count) => Math.trunc(count * widenFactor));
  let y = stem(scope, x, { ...options, planes: planes[0] as number });
  for (const [stage, count] of layers.entries()) {
    for (let i = 0; i < count; i++) {
      const block = { planes: planes[stage] as number, stride: stage > 0 && i === 0 ? 2 : 1, network: options };
      y = residualBlock(scope.child(`layer${stage + 1}.${i}`), y, block);
    }
  }
  const pooled = $.reshape($.globalAveragePool(y), y.shape.slice(0, 2));
  return feedForward ? linear(scope.child('fc'), pooled, { outFeatures: numClasses, biasInitializer: zeros }) : pooled;
}

/** @source He et al. 2015, with the fan of the outputs */
const kaimingByFanOut: Initializer = (shape, random) =>
  normal(Math.sqrt((2 * (shape[1] as number)) / elementCount(shape)))(shape, random);

function stem(scope: Scope, x: Tensor, options: ResNetOptions & { planes: number }): Tensor {
  const { planes, conv1TSize = 7, conv1TStride = 1, noMaxPool = false } = options;
  const kernelSize = perAxis(conv1TSize, x.shape.length - 2);
  const y = convolve(scope.child('conv1'), x, { outChannels: planes, kernelSize, stride: conv1TStride });
  const activated = $.relu(batchNorm(scope.child('bn1'), y));
  return noMaxPool ? activated : $.maxPool(activated, 3, { stride: 2, padding: 1 });
}

interface Convolve {
  readonly outChannels: number;
  readonly kernelSize: PerAxis;
  readonly stride?: PerAxis;
  readonly bias?: boolean;
}

function convolve(scope: Scope, x: Tensor, { bias = false, ...options }: Convolve): Tensor {
  const padding = perAxis(options.kernelSize, x.shape.length - 2).map((k) => Math.floor(k / 2));
  return convolutionLayer(scope, x, { ...options, bias, padding, initializer: kaimingByFanOut });
}

interface Block {
  readonly planes: number;
  readonly stride: number;
  readonly network: ResNetOptions;
}

function residualBlock(scope: Scope, x: Tensor, block: Block): Tensor {
  const { planes, stride, network } = block;
  const bottleneck = network.block === 'bottleneck';
  const outChannels = bottleneck ? 4 * planes : planes;
  const step = (number: number, y: Tensor, layer: Convolve): Tensor =>
    batchNorm(scope.child(`bn${number}`), convolve(scope.child(`conv${number}`), y, layer));
  const first = step(
    1,
    x,
    bottleneck ? { outChannels: planes, kernelSize: 1 } : { outChannels, kernelSize: 3, stride },
  );
  const second = step(2, $.relu(first), { outChannels: planes, kernelSize: 3, stride: bottleneck ? stride : 1 });
  const y = bottleneck ? step(3, $.relu(second), { outChannels, kernelSize: 1 }) : second;
  return $.relu($.add(y, shortcut(scope.child('downsample'), x, { outChannels, stride, network })));
}

function shortcut(
  scope: Scope,
  x: Tensor,
  { outChannels, stride, network }: Omit<Block, 'planes'> & { outChannels: number },
): Tensor {
  const channels = x.shape[1] as number;
  if (stride === 1 && channels === outChannels) return x;
  const { shortcutType = 'B', biasDownsample = true } = network;
  if (shortcutType === 'B') {
    return batchNorm(
      scope.child(1),
      convolve(scope.child(0), x, { outChannels, kernelSize: 1, stride, bias: biasDownsample }),
    );
  }
  const steps = x.shape.map((_, axis) => (axis < 2 ? 1 : stride));
  const sizes = x.shape.map((size, axis) => Math.ceil(size / (steps[axis] as number)));
  const strided = $.slice(
    x,
    x.shape.map(() => 0),
    sizes,
    steps,
  );
  return $.pad(
    strided,
    x.shape.map(() => 0),
    x.shape.map((_, axis) => (axis === 1 ? outChannels - channels : 0)),
  );
}
