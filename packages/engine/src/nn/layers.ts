import { range } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import * as $ from '../ops/operations.ts';
import type { Initializer } from './initializers.ts';
import { ones, uniformByFanIn, zeros } from './initializers.ts';
import type { Scope } from './scope.ts';

export interface ConvolutionLayerOptions extends $.ConvolutionOptions {
  readonly outChannels: number;
  readonly kernelSize: number | readonly number[];
  readonly bias?: boolean;
  readonly initializer?: Initializer;
}

const kernelOf = (size: number | readonly number[], axes: number): number[] =>
  range(axes).map((i) => (typeof size === 'number' ? size : (size[i] as number)));

/** One value a channel, placed to broadcast over `[B, C, ...S]`. */
function perChannel(values: Tensor, rank: number): Tensor {
  return $.reshape(values, [1, -1, ...range(rank - 2).map(() => 1)]);
}

/**
 * Convolution with bias. Parameters `weight` `[K, C/groups, ...k]` and `bias` `[K]`.
 *
 * @param x - `[B, C, ...S]`
 * @returns `[B, K, ...S']`
 */
export function convolutionLayer(scope: Scope, x: Tensor, options: ConvolutionLayerOptions): Tensor {
  const { outChannels, kernelSize, bias = true, initializer = uniformByFanIn(), groups = 1 } = options;
  const shape = [outChannels, (x.shape[1] as number) / groups, ...kernelOf(kernelSize, x.shape.length - 2)];
  const y = $.convolution(x, scope.parameter('weight', shape, initializer), options);
  if (!bias) return y;
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  return $.add(y, perChannel(scope.parameter('bias', [outChannels], uniformByFanIn(fanIn)), x.shape.length));
}

export interface TransposedConvolutionLayerOptions extends $.TransposedConvolutionOptions {
  readonly outChannels: number;
  readonly kernelSize: number | readonly number[];
  readonly bias?: boolean;
  readonly initializer?: Initializer;
}

/** Transposed convolution with bias. Parameters `weight` `[C, K/groups, ...k]` and `bias` `[K]`. */
export function transposedConvolutionLayer(
  scope: Scope,
  x: Tensor,
  options: TransposedConvolutionLayerOptions,
): Tensor {
  const { outChannels, kernelSize, bias = true, initializer = uniformByFanIn(), groups = 1 } = options;
  const shape = [x.shape[1] as number, outChannels / groups, ...kernelOf(kernelSize, x.shape.length - 2)];
  const y = $.transposedConvolution(x, scope.parameter('weight', shape, initializer), options);
  if (!bias) return y;
  const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
  return $.add(y, perChannel(scope.parameter('bias', [outChannels], uniformByFanIn(fanIn)), x.shape.length));
}

export interface LinearOptions {
  readonly outFeatures: number;
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  readonly biasInitializer?: Initializer;
}

/** x W^T + b over the last axis. Parameters `weight` `[out, in]` and `bias` `[out]`. */
export function linear(scope: Scope, x: Tensor, options: LinearOptions): Tensor {
  const { outFeatures, bias = true, initializer = uniformByFanIn() } = options;
  const features = x.shape.at(-1) as number;
  const rows = $.reshape(x, [-1, features]);
  const y = $.matMul(rows, scope.parameter('weight', [outFeatures, features], initializer), { transposeB: true });
  const shaped = $.reshape(y, x.shape.with(-1, outFeatures));
  if (!bias) return shaped;
  const { biasInitializer = uniformByFanIn(features) } = options;
  return $.add(shaped, scope.parameter('bias', [outFeatures], biasInitializer));
}

export interface NormOptions {
  readonly epsilon?: number;
  /** Whether scale and shift are learned: parameters `weight` and `bias`. */
  readonly affine?: boolean;
}

function scaleAndShift(scope: Scope, x: Tensor, channels: number, place: (values: Tensor) => Tensor): Tensor {
  const weight = place(scope.parameter('weight', [channels], ones));
  return $.add($.mul(x, weight), place(scope.parameter('bias', [channels], zeros)));
}

/** Each channel of each sample to zero mean and unit variance over space. @source Ulyanov et al. 2016 */
export function instanceNorm(scope: Scope, x: Tensor, { epsilon = 1e-5, affine = false }: NormOptions = {}): Tensor {
  const y = $.standardize(x, range(x.shape.length - 2, 2), epsilon);
  return affine ? scaleAndShift(scope, y, x.shape[1] as number, (values) => perChannel(values, x.shape.length)) : y;
}

/** Groups of channels together over space. @source Wu and He 2018 */
export function groupNorm(
  scope: Scope,
  x: Tensor,
  groups: number,
  { epsilon = 1e-5, affine = true }: NormOptions = {},
): Tensor {
  const [batch = 1, channels = 1] = x.shape;
  const y = $.reshape($.standardize($.reshape(x, [batch, groups, -1]), [2], epsilon), x.shape);
  return affine ? scaleAndShift(scope, y, channels, (values) => perChannel(values, x.shape.length)) : y;
}

/** The last axis of each token. @source Ba et al. 2016 */
export function layerNorm(scope: Scope, x: Tensor, { epsilon = 1e-5, affine = true }: NormOptions = {}): Tensor {
  const y = $.standardize(x, [-1], epsilon);
  return affine ? scaleAndShift(scope, y, x.shape.at(-1) as number, (values) => values) : y;
}

export interface BatchNormOptions extends NormOptions {
  /** Share of the new batch in the running statistics. */
  readonly momentum?: number;
}

/**
 * Each channel over batch and space; running statistics in the buffers `running_mean` and `running_var` serve evaluation.
 *
 * @source Ioffe and Szegedy 2015
 */
export function batchNorm(scope: Scope, x: Tensor, options: BatchNormOptions = {}): Tensor {
  const { epsilon = 1e-5, affine = true, momentum = 0.1 } = options;
  const channels = x.shape[1] as number;
  const axes = [0, ...range(x.shape.length - 2, 2)];
  const place = (values: Tensor): Tensor => perChannel(values, x.shape.length);
  const runningMean = scope.buffer('running_mean', [channels], zeros);
  const runningVariance = scope.buffer('running_var', [channels], ones);
  if (scope.training) {
    const count = x.shape.reduce((product, size) => product * size, 1) / channels;
    const mean = $.mean(x, axes);
    const variance = $.mul($.mean($.square($.sub(x, mean)), axes), count / Math.max(1, count - 1));
    const blend = (running: Tensor, batch: Tensor): Tensor =>
      $.add($.mul(running, 1 - momentum), $.mul($.stopGradient($.reshape(batch, [channels])), momentum));
    scope.update('running_mean', blend(runningMean, mean));
    scope.update('running_var', blend(runningVariance, variance));
  }
  const y = scope.training
    ? $.standardize(x, axes, epsilon)
    : $.div($.sub(x, place(runningMean)), $.sqrt($.add(place(runningVariance), epsilon)));
  return affine ? scaleAndShift(scope, y, channels, place) : y;
}

/** Leaky ReLU with a learned slope. Parameter `weight` `[1]`. @source He et al. 2015 */
export function preluLayer(scope: Scope, x: Tensor, initial = 0.25): Tensor {
  const slope = scope.parameter('weight', [1], (shape) => new Float32Array(shape[0] as number).fill(initial));
  return $.where($.greater(x, 0), x, $.mul(x, slope));
}

/** Rows of a table. Parameter `weight` `[count, features]`. @param indices - int64 */
export function embedding(
  scope: Scope,
  indices: Tensor,
  options: { count: number; features: number; initializer: Initializer },
): Tensor {
  return $.gather(scope.parameter('weight', [options.count, options.features], options.initializer), indices);
}

/** Zeroes a share of the elements while training and scales the others up. @source Srivastava et al. 2014 */
export function dropout(scope: Scope, x: Tensor, probability: number, shape = x.shape): Tensor {
  if (!scope.training || probability === 0) return x;
  const { key, stream } = scope.random();
  const kept = $.randomBernoulli(key, shape, stream, 1 - probability);
  return $.mul(x, $.div(kept, 1 - probability));
}
