import { elementCount, range, type Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOp, only, pair } from './apply-op.ts';
import { convolution, perAxis } from './convolution.ts';
import type { OpRule } from './op-rule.ts';
import { mean } from './reduction.ts';
import { reshape } from './shaping.ts';
import { constant } from './source.ts';

interface PoolAttributes {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padding: readonly number[];
}

/** Outputs: the largest element under each window, and its place in its channel's flattened space. */
export const poolingRules = {
  maxPool: {
    shape: ([x], attributes) => {
      const { kernel, strides, padding } = attributes as unknown as PoolAttributes;
      const { shape, dtype } = only([x], 'maxPool');
      const sizes = shape.slice(2).map((size, i) => {
        return Math.floor((size + 2 * (padding[i] as number) - (kernel[i] as number)) / (strides[i] as number)) + 1;
      });
      const pooled = [...shape.slice(0, 2), ...sizes];
      return [
        { shape: pooled, dtype },
        { shape: pooled, dtype: 'int64' },
      ];
    },
    gradient: ({ inputs, outputs, outputGradients }, $) => {
      const [x, [, places]] = [only(inputs, 'maxPool'), pair(outputs, 'maxPool')];
      const dy = only(outputGradients, 'maxPool');
      const flat = (shape: Shape): number[] => [shape[0] as number, shape[1] as number, elementCount(shape.slice(2))];
      const spread = $.scatterAdd($.reshape(dy, flat(dy.shape)), $.reshape(places, flat(dy.shape)), flat(x.shape), 2);
      return [$.reshape(spread, x.shape)];
    },
    toOnnx: ({ inputs, attributes }, emit) => {
      const { kernel, strides, padding } = attributes as unknown as PoolAttributes;
      const x = only(inputs, 'maxPool');
      const options = { kernel_shape: kernel, strides, pads: [...padding, ...padding] };
      const [values, places] = pair(emit.nodes('MaxPool', [emit.name(x)], 2, options), 'maxPool');
      // ONNX counts the places through the whole tensor, not within the channel.
      const perChannel = emit.scalar(elementCount(x.shape.slice(2)), 'int64');
      return [values, emit.node('Mod', [places, perChannel])];
    },
  },
} as const satisfies Record<string, OpRule>;

export interface PoolOptions {
  /** The kernel's own size by default. */
  readonly stride?: number | readonly number[];
  readonly padding?: number | readonly number[];
}

function poolAttributes(x: Tensor, kernel: number | readonly number[], options: PoolOptions): PoolAttributes {
  const axes = x.shape.length - 2;
  return {
    kernel: perAxis(kernel, axes, 1),
    strides: perAxis(options.stride ?? kernel, axes, 1),
    padding: perAxis(options.padding, axes, 0),
  };
}

/** Largest element under a moving window over the spatial axes of `[B, C, ...S]`. @parity torch.nn.functional.max_pool2d */
export function maxPool(x: Tensor, kernel: number | readonly number[], options: PoolOptions = {}): Tensor {
  return only(applyOp('maxPool', poolingRules.maxPool, [x], { ...poolAttributes(x, kernel, options) }), 'maxPool');
}

/**
 * Mean under a moving window over the spatial axes of `[B, C, ...S]`; padding counts as zeros.
 *
 * @parity torch.nn.functional.avg_pool2d
 */
export function averagePool(x: Tensor, kernel: number | readonly number[], options: PoolOptions = {}): Tensor {
  const attributes = poolAttributes(x, kernel, options);
  const [batch = 1, channels = 1, ...space] = x.shape;
  const exact = space.every((size, i) => size % (attributes.kernel[i] as number) === 0);
  const apart = attributes.strides.every((stride, i) => stride === attributes.kernel[i] && attributes.padding[i] === 0);
  if (exact && apart) {
    const windows = space.flatMap((size, i) => [
      size / (attributes.kernel[i] as number),
      attributes.kernel[i] as number,
    ]);
    const within = range(space.length).map((i) => 3 + 2 * i);
    return mean(reshape(x, [batch, channels, ...windows]), within, false);
  }
  const weight = constant(new Float32Array(elementCount(attributes.kernel)).fill(1 / elementCount(attributes.kernel)), [
    1,
    1,
    ...attributes.kernel,
  ]);
  const single = reshape(x, [batch * channels, 1, ...space]);
  const pooled = convolution(single, weight, { stride: attributes.strides, padding: attributes.padding });
  return reshape(pooled, [batch, channels, ...pooled.shape.slice(2)]);
}

/** Mean over all spatial axes, which keep size 1. */
export function globalAveragePool(x: Tensor): Tensor {
  return mean(x, range(x.shape.length - 2, 2));
}
