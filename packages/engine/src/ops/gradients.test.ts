import { describe, expect, test } from 'vitest';
import type { Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { PORTABLE } from '../onnx/to-onnx.ts';
import { checkGradients, type GradientCheckOptions } from '../testing/check-gradients.ts';
import { OP_RULES } from './op-rules.ts';
import * as $ from './operations.ts';

type Case = readonly [
  name: string,
  shapes: readonly Shape[],
  build: (inputs: Tensor[]) => Tensor,
  options?: GradientCheckOptions,
];

const positive: GradientCheckOptions = { between: [0.5, 2] };
/** The runtime computes these in float32 only; they are linear in each operand, so a large step is exact. */
const bilinear: GradientCheckOptions = { dtype: 'float32', epsilon: 0.5 };
const single: GradientCheckOptions = { dtype: 'float32', epsilon: 1e-2 };

const unary = (name: string, build: (x: Tensor) => Tensor, options?: GradientCheckOptions): Case =>
  [name, [[3, 4]], ([x]) => build(x as Tensor), options] as Case;
const binary = (name: string, build: (a: Tensor, b: Tensor) => Tensor, options?: GradientCheckOptions): Case =>
  [
    name,
    [
      [2, 3, 4],
      [3, 1],
    ],
    ([a, b]) => build(a as Tensor, b as Tensor),
    options,
  ] as Case;
const convolved = (name: string, x: Shape, w: Shape, options: $.ConvolutionOptions): Case =>
  [name, [x, w], ([a, b]) => $.convolution(a as Tensor, b as Tensor, options), bilinear] as Case;
const transposed = (name: string, x: Shape, w: Shape, options: $.TransposedConvolutionOptions): Case =>
  [name, [x, w], ([a, b]) => $.transposedConvolution(a as Tensor, b as Tensor, options), bilinear] as Case;
const indices = (values: number[], shape: Shape): Tensor => $.constant(values, shape, 'int64');

const CASES: Record<string, Case[]> = {
  neg: [unary('neg', $.neg)],
  abs: [unary('abs', $.abs)],
  sign: [unary('sign', $.sign)],
  exp: [unary('exp', $.exp)],
  log: [unary('log', $.log, positive)],
  sqrt: [unary('sqrt', $.sqrt, positive)],
  reciprocal: [unary('reciprocal', $.reciprocal, positive)],
  sin: [unary('sin', $.sin)],
  cos: [unary('cos', $.cos, single)],
  tanh: [unary('tanh', $.tanh)],
  sigmoid: [unary('sigmoid', $.sigmoid), unary('silu', $.silu), unary('hardSwish', $.hardSwish)],
  softplus: [unary('softplus', $.softplus, single)],
  erf: [unary('erf', $.erf, single), unary('gelu tanh', (x) => $.gelu(x, 'tanh'))],
  normalCdf: [unary('normalCdf', $.normalCdf, single)],
  gelu: [
    unary('gelu', (x) => $.gelu(x), single),
    unary('before a product', (x) => $.matMul($.reshape($.gelu(x), [4, 3]), $.gelu(x)), single),
  ],
  leakyRelu: [
    unary('leakyRelu', (x) => $.leakyRelu($.square(x), 0.2)),
    unary('leakyRelu below zero', (x) => $.leakyRelu($.neg($.square(x)))),
  ],
  leakyReluSlope: [unary('leakyReluSlope', (x) => $.mul($.leakyReluSlope(x, 0.2), $.square(x)))],
  relu: [unary('relu', $.relu), unary('elu', (x) => $.elu(x))],
  floor: [unary('floor', $.floor)],
  ceil: [unary('ceil', $.ceil)],
  round: [unary('round', $.round)],
  add: [binary('add', $.add)],
  sub: [binary('sub', $.sub)],
  mul: [binary('mul', $.mul), unary('square', $.square)],
  div: [binary('div', $.div, positive)],
  pow: [binary('pow', $.pow, positive)],
  maximum: [binary('maximum', $.maximum)],
  minimum: [binary('minimum', $.minimum), unary('clip', (x) => $.clip(x, -0.5, 0.5))],
  where: [
    [
      'where',
      [
        [2, 3],
        [2, 1],
      ],
      ([a, b]) => $.where($.greater(a as Tensor, 0), a as Tensor, b as Tensor),
    ] as Case,
  ],
  cast: [unary('cast', (x) => $.cast($.cast($.square(x), 'float32'), 'float64'), { epsilon: 1e-2 })],
  stopGradient: [unary('stopGradient', (x) => $.sub($.square(x), $.stopGradient($.mul(x, 0))))],
  sum: [unary('sum', (x) => $.sum($.square(x), [0]))],
  mean: [unary('mean', (x) => $.mean($.square(x), [1], false))],
  max: [unary('max', (x) => $.max($.square(x), [1]))],
  min: [unary('min', (x) => $.min(x, [0])), unary('logSumExp', (x) => $.logSumExp(x, [1]))],
  cumulativeSum: [
    unary('cumulativeSum', (x) => $.cumulativeSum($.square(x), 1)),
    unary('from the end', (x) => $.cumulativeSum(x, 0, true)),
  ],
  reshape: [unary('reshape', (x) => $.square($.reshape(x, [2, -1])))],
  transpose: [['transpose', [[2, 3, 4]], ([x]) => $.square($.transpose(x as Tensor, [2, 0, 1]))] as Case],
  broadcastTo: [['broadcastTo', [[3, 1]], ([x]) => $.square($.broadcastTo(x as Tensor, [2, 3, 4]))] as Case],
  slice: [
    unary('slice', (x) => $.slice($.square(x), [1, 0], [2, 2], [1, 2])),
    unary('slice backwards', (x) => $.slice($.square(x), [2, 3], [3, 2], [-1, -2])),
    unary('flip', (x) => $.flip(x, [1])),
  ],
  split: [
    unary('split', (x) => $.concat($.split($.square(x), [1, 3], 1).toReversed(), 1)),
    unary('one part alone', (x) => $.square($.split(x, [1, 2], 0)[1] as Tensor)),
  ],
  concat: [
    [
      'concat',
      [
        [2, 3],
        [2, 1],
      ],
      (inputs) => $.square($.concat(inputs, 1)),
    ] as Case,
    unary('tile', (x) => $.tile(x, [2, 3])),
  ],
  pad: [
    unary('pad', (x) => $.square($.pad(x, [1, 0], [2, 1]))),
    unary('interleaveZeros', (x) => $.interleaveZeros(x, [2, 3])),
  ],
  matMul: [false, true]
    .flatMap((transposeA) =>
      [false, true].map((transposeB): Case => {
        const shapes = [transposeA ? [2, 4, 3] : [2, 3, 4], transposeB ? [5, 4] : [4, 5]];
        const build = ([a, b]: Tensor[]): Tensor => $.matMul(a as Tensor, b as Tensor, { transposeA, transposeB });
        return [`matMul ${transposeA} ${transposeB}`, shapes, build];
      }),
    )
    .concat([
      [
        'einsum',
        [
          [2, 3, 4],
          [2, 5, 4],
        ],
        (inputs) => $.einsum('bqd,bkd->kbq', inputs),
      ],
      [
        'attention',
        [
          [1, 2, 3, 4],
          [1, 2, 5, 4],
          [1, 2, 5, 6],
        ],
        ([q, k, v]) => $.attention(q as Tensor, k as Tensor, v as Tensor),
      ],
      ['resize linear', [[1, 2, 3, 5]], ([x]) => $.resize($.square(x as Tensor), [6, 4])],
      [
        'resize cubic corners',
        [[1, 2, 3, 5]],
        ([x]) => $.resize(x as Tensor, [6, 7], { mode: 'cubic', alignCorners: true }),
      ],
      ['resize nearest', [[1, 1, 3, 4]], ([x]) => $.resize($.square(x as Tensor), [6, 3], { mode: 'nearest' })],
      ['depthToSpace', [[1, 8, 2, 3]], ([x]) => $.square($.depthToSpace(x as Tensor, 2))],
    ]),
  convolution: [
    convolved('1-D', [2, 3, 9], [4, 3, 3], { padding: 1 }),
    convolved('2-D', [2, 3, 6, 7], [4, 3, 3, 3], { padding: 1 }),
    convolved('2-D stride and dilation', [2, 4, 9, 8], [6, 2, 3, 2], {
      stride: [2, 1],
      padding: [2, 1],
      dilation: [2, 1],
      groups: 2,
    }),
    convolved('2-D depthwise', [2, 4, 6, 5], [4, 1, 3, 3], { padding: 1, groups: 4 }),
    convolved('2-D 1x1', [2, 4, 3, 5], [6, 4, 1, 1], {}),
    convolved('2-D stride 2, 1x1', [1, 4, 6, 6], [6, 4, 1, 1], { stride: 2 }),
    convolved('3-D', [2, 2, 4, 5, 6], [3, 2, 3, 3, 3], { padding: 1 }),
    convolved('3-D stride 2', [1, 2, 5, 6, 7], [3, 2, 3, 3, 3], { padding: 1, stride: 2 }),
    convolved('3-D anisotropic', [1, 8, 4, 6, 6], [8, 8, 1, 3, 3], { padding: [0, 1, 1], stride: [1, 2, 2] }),
    convolved('2-D blocks', [2, 8, 6, 6], [16, 8, 3, 3], { padding: 1 }),
    convolved('2-D blocks stride 2', [2, 16, 8, 8], [8, 16, 3, 3], { padding: 1, stride: 2 }),
    convolved('3-D blocks', [2, 8, 4, 6, 5], [16, 8, 3, 3, 3], { padding: 1 }),
    convolved('3-D blocks stride 2', [2, 8, 6, 6, 8], [16, 8, 3, 3, 3], { padding: 1, stride: 2 }),
    convolved('3-D one channel', [2, 1, 4, 6, 5], [8, 1, 3, 3, 3], { padding: 1 }),
  ],
  convolutionInput: [
    transposed('2-D kernel 2 stride 2', [2, 3, 4, 5], [3, 4, 2, 2], { stride: 2 }),
    transposed('2-D overlapping', [1, 3, 4, 5], [3, 2, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }),
    transposed('2-D grouped', [1, 4, 4, 5], [4, 2, 3, 3], { groups: 2, dilation: 2 }),
    transposed('3-D kernel 2 stride 2', [2, 8, 2, 3, 4], [8, 8, 2, 2, 2], { stride: 2 }),
    transposed('1-D', [2, 3, 5], [3, 2, 4], { stride: 3 }),
  ],
  convolutionWeight: [
    [
      'as a function of both operands',
      [
        [2, 3, 6, 6],
        [2, 4, 6, 6],
      ],
      ([x, dy]) =>
        $.convolutionWeight(x as Tensor, dy as Tensor, [4, 3, 3, 3], {
          strides: [1, 1],
          padBefore: [1, 1],
          padAfter: [1, 1],
          dilations: [1, 1],
          groups: 1,
        }),
      bilinear,
    ],
  ],
  maxPool: [
    ['2-D', [[2, 3, 6, 4]], ([x]) => $.maxPool(x as Tensor, 2), single],
    [
      '2-D overlapping',
      [[1, 2, 7, 7]],
      ([x]) => $.maxPool(x as Tensor, 3, { stride: 2, padding: 1 }),
      { dtype: 'float32', epsilon: 1e-3 },
    ],
    ['3-D', [[1, 2, 4, 4, 4]], ([x]) => $.maxPool(x as Tensor, 2), single],
    ['average 2-D', [[1, 2, 4, 6]], ([x]) => $.averagePool($.square(x as Tensor), 2), single],
    [
      'average overlapping',
      [[1, 2, 5, 6]],
      ([x]) => $.averagePool(x as Tensor, 3, { stride: 2, padding: 1 }),
      bilinear,
    ],
    ['global average', [[2, 3, 4, 5]], ([x]) => $.globalAveragePool($.square(x as Tensor)), single],
  ],
  standardize: [
    ['instance', [[2, 3, 4, 5]], ([x]) => $.standardize(x as Tensor, [2, 3])],
    ['layer', [[2, 3, 8]], ([x]) => $.standardize(x as Tensor, [-1])],
    ['batch', [[4, 3, 5]], ([x]) => $.standardize(x as Tensor, [0, 2])],
  ],
  softmax: [unary('softmax', (x) => $.softmax(x, 1))],
  logSoftmax: [unary('logSoftmax', (x) => $.logSoftmax(x, 0), single)],
  gather: [
    ['gather', [[4, 3]], ([x]) => $.square($.gather(x as Tensor, indices([3, 0, 3], [3])))] as Case,
    ['gather columns', [[2, 4]], ([x]) => $.square($.gather(x as Tensor, indices([1, 1, 0, 3], [2, 2]), 1))] as Case,
  ],
  gatherElements: [
    [
      'gatherElements',
      [[3, 3]],
      ([x]) => $.square($.gatherElements(x as Tensor, indices([0, 2, 2, 1, 1, 0], [3, 2]), 1)),
    ] as Case,
  ],
  scatterAdd: [
    [
      'scatterAdd',
      [[3, 2]],
      ([x]) => $.square($.scatterAdd(x as Tensor, indices([0, 2, 2, 2, 1, 0], [3, 2]), [3, 4], 1)),
    ] as Case,
  ],
  topK: [unary('topK', (x) => $.square($.topK(x, 2).values)), unary('sort', (x) => $.square($.sort(x, 0).values))],
  after: [binary('after', (a, b) => $.mul($.after($.square(a), b), b))],
};

/** Sources have nothing to differentiate by; rounding is a staircase, whose gradient passes as if it were not there. */
const WITHOUT_DIFFERENCES = ['input', 'constant', 'throughHalf'];

const differentiable = Object.entries(OP_RULES)
  .filter(([, rule]) => rule.gradient !== 'none')
  .map(([name]) => name);

test('every operation with a gradient has a case', () => {
  const without = differentiable.filter((name) => !(name in CASES) && !WITHOUT_DIFFERENCES.includes(name));
  expect(without).toEqual([]);
});

const LAYOUTS = { "the processor's own layout": {}, 'the plain layout': { target: PORTABLE } };
const IN_LAYOUTS = Object.entries(LAYOUTS).flatMap(([layout, compileOptions]) =>
  Object.entries(CASES).map(([op, cases]) => [op, layout, cases, compileOptions] as const),
);

describe.each(IN_LAYOUTS)('gradient of %s in %s', (_, _layout, cases, compileOptions) => {
  test.for(cases)(
    '%s equals central differences, and so does its own gradient',
    async ([_name, shapes, build, options]) => {
      const { first, second } = await checkGradients(shapes, build as (inputs: readonly Tensor[]) => Tensor, {
        ...options,
        ...compileOptions,
      });
      const tolerance = options?.dtype === 'float32' ? 5e-3 : 1e-5;
      expect(first.error).toBeLessThan(tolerance);
      expect(second.error).toBeLessThan(tolerance);
    },
  );
});
