import { ops as $, convolutionLayer, groupNorm, linear, type Scope, type Tensor, zeros } from '@vesalius/engine';
import { assertInput, assertOption } from './assert-input.ts';

export interface GroupNormResNetOptions {
  readonly numClasses: number;
  /** Of the stem and of each stage after it, which halves the image; multiples of `groups`. */
  readonly channels?: readonly number[];
  readonly blocksPerStage?: number;
  readonly groups?: number;
  /** 2 makes large images a quarter of the work. */
  readonly stemStride?: number;
}

/**
 * A small residual network for classification in which no layer looks at more than one sample: it can be trained privately, and its
 * normalization has nothing of its own to share.
 *
 * @param x - `[B, C, ...S]`
 * @returns logits `[B, numClasses]`
 * @throws SHAPE_MISMATCH unless there are 2 or 3 spatial axes, INVALID_ARGUMENT for channels that groups do not divide
 * @source He et al. 2016, Deep residual learning; Wu and He 2018, Group normalization
 */
export function groupNormResNet(scope: Scope, x: Tensor, options: GroupNormResNetOptions): Tensor {
  const { numClasses, channels = [16, 32, 64], blocksPerStage = 1, groups = 8, stemStride = 1 } = options;
  assertInput('groupNormResNet', x);
  assertOption(
    channels.every((count) => count % groups === 0),
    'groupNormResNet: channels',
    channels,
    `multiples of ${groups}`,
  );
  let y = normed(scope.child('stem'), x, { outChannels: channels[0] as number, groups, stride: stemStride });
  for (const [stage, outChannels] of channels.entries())
    for (let i = 0; i < blocksPerStage; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      y = block(scope.child(`stage${stage + 1}.${i}`), y, { outChannels, groups, stride });
    }
  const pooled = $.reshape($.globalAveragePool(y), y.shape.slice(0, 2));
  return linear(scope.child('head'), pooled, { outFeatures: numClasses, biasInitializer: zeros });
}

interface Layer {
  readonly outChannels: number;
  readonly groups: number;
  readonly stride: number;
}

function normed(scope: Scope, x: Tensor, { outChannels, groups, stride }: Layer): Tensor {
  const y = convolutionLayer(scope.child('conv'), x, { outChannels, kernelSize: 3, padding: 1, stride, bias: false });
  return $.relu(groupNorm(scope.child('norm'), y, groups));
}

function block(scope: Scope, x: Tensor, layer: Layer): Tensor {
  const { outChannels, groups, stride } = layer;
  const first = normed(scope.child('first'), x, layer);
  const second = convolutionLayer(scope.child('second.conv'), first, {
    outChannels,
    kernelSize: 3,
    padding: 1,
    bias: false,
  });
  const y = groupNorm(scope.child('second.norm'), second, groups);
  if (stride === 1 && x.shape[1] === outChannels) return $.relu($.add(x, y));
  const shortcut = convolutionLayer(scope.child('shortcut.conv'), x, {
    outChannels,
    kernelSize: 1,
    stride,
    bias: false,
  });
  return $.relu($.add(groupNorm(scope.child('shortcut.norm'), shortcut, groups), y));
}
