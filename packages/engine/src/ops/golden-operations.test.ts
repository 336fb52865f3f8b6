import { describe } from 'vitest';
import { type BuildOperation, goldenOperationTests } from '../../../../golden/operations/golden-operation-tests.ts';
import type { Tensor } from '../graph/tensor.ts';
import * as $ from './operations.ts';

const x = (inputs: Record<string, Tensor>): Tensor => inputs['x'] as Tensor;
const w = (inputs: Record<string, Tensor>): Tensor => inputs['w'] as Tensor;
const kernelOf = (options: Record<string, unknown>): number | number[] => options['kernel'] as number | number[];

/** The names of PyTorch's three ways by the number of axes. */
const MODES: Record<string, NonNullable<$.ResizeOptions['mode']>> = {
  nearest: 'nearest',
  linear: 'linear',
  bilinear: 'linear',
  trilinear: 'linear',
  bicubic: 'cubic',
};

const OPERATIONS: Record<string, BuildOperation> = {
  convolution: ({ inputs, arguments: options }) => $.convolution(x(inputs), w(inputs), options),
  'transposed-convolution': ({ inputs, arguments: options }) => $.transposedConvolution(x(inputs), w(inputs), options),
  'max-pool': ({ inputs, options, arguments: named }) => $.maxPool(x(inputs), kernelOf(options), named),
  'average-pool': ({ inputs, options, arguments: named }) => $.averagePool(x(inputs), kernelOf(options), named),
  resize: ({ inputs, options: { size, mode, alignCorners } }) =>
    $.resize(x(inputs), size as number[], {
      mode: MODES[mode as string] as 'linear',
      alignCorners: alignCorners as boolean,
    }),
  attention: ({ inputs: { query, key, value, bias }, arguments: options }) =>
    $.attention(query as Tensor, key as Tensor, value as Tensor, { ...options, ...(bias && { bias }) }),
  'depth-to-space': ({ inputs, options: { scale } }) => $.depthToSpace(x(inputs), scale as number),
  activations: ({ inputs, name }) => (ACTIVATIONS[name] as (x: Tensor) => Tensor)(x(inputs)),
  reductions: ({ inputs, name }) => (REDUCTIONS[name] as (x: Tensor) => Tensor)(x(inputs)),
};

const ACTIVATIONS: Record<string, (x: Tensor) => Tensor> = {
  relu: $.relu,
  leakyRelu: (y) => $.leakyRelu(y),
  elu: (y) => $.elu(y),
  silu: $.silu,
  gelu: (y) => $.gelu(y),
  'gelu tanh': (y) => $.gelu(y, 'tanh'),
  hardSigmoid: $.hardSigmoid,
  hardSwish: $.hardSwish,
  softplus: $.softplus,
  sigmoid: $.sigmoid,
  tanh: $.tanh,
  erf: $.erf,
};

const REDUCTIONS: Record<string, (x: Tensor) => Tensor> = {
  softmax: (y) => $.softmax(y, 1),
  logSoftmax: (y) => $.logSoftmax(y, 1),
  logSumExp: (y) => $.logSumExp(y, [1]),
  cumulativeSum: (y) => $.cumulativeSum(y, 1),
  max: (y) => $.max(y, [1]),
  mean: (y) => $.mean(y, [0, 2]),
  sort: (y) => $.sort(y, 1).values,
  topK: (y) => $.topK(y, 2, 1).values,
};

describe.each(Object.entries(OPERATIONS))('%s', (file, build) => goldenOperationTests(file, build));
