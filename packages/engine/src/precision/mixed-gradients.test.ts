import { expect, test } from 'vitest';
import type { Tensor } from '../graph/tensor.ts';
import { convolutionLayer, instanceNorm, layerNorm, linear, transposedConvolutionLayer } from '../nn/layers.ts';
import { createNetworkBuilder, type Scope } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { sgd } from '../optimizers/sgd.ts';
import { initialValues, trainingProgram } from '../optimizers/training-program.ts';
import { compile } from '../runtime/compile.ts';
import { scalarValue } from '../runtime/tensor-value.ts';
import { noise } from '../testing/check-gradients.ts';

const SHAPE = [2, 3, 16, 16];
/** Rounding of a float16, a few times over. */
const TOLERANCE = 4e-3;

const KINDS: Readonly<Record<string, (scope: Scope, x: Tensor) => Tensor>> = {
  convolution: (scope, x) => convolutionLayer(scope, x, { outChannels: 8, kernelSize: 3, padding: 1 }),
  'strided convolution': (scope, x) =>
    convolutionLayer(scope, x, { outChannels: 8, kernelSize: 3, padding: 1, stride: 2 }),
  'transposed convolution': (scope, x) =>
    transposedConvolutionLayer(scope, x, { outChannels: 8, kernelSize: 2, stride: 2 }),
  'matrix product': (scope, x) => linear(scope, x, { outFeatures: 12 }),
  'attention after softmax': (_, x) => $.matMul($.softmax($.matMul(x, x, { transposeB: true }), -1), x),
  'instance norm': (scope, x) => instanceNorm(scope, x, { affine: true }),
  'layer norm': (scope, x) => layerNorm(scope, x),
  activations: (_, x) => $.mul($.gelu($.leakyRelu(x)), $.sigmoid(x)),
  'products and quotients': (_, x) => $.div($.mul(x, $.tanh(x)), $.add($.square(x), 1)),
  pooling: (_, x) => $.maxPool(x, 2),
  resizing: (_, x) => $.resize(x, [24, 24]),
  joining: (_, x) => $.concat([x, $.mul(x, 2)], 1),
};

/** The parameters after one step of length 1 from the same start: less the start, the gradients. */
async function afterOneStep(
  build: (scope: Scope, x: Tensor) => Tensor,
  precision: 'float32' | 'mixed',
): Promise<Map<string, Float32Array>> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const before = convolutionLayer(scope.child('before'), $.input('x', SHAPE), {
    outChannels: 8,
    kernelSize: 3,
    padding: 1,
  });
  const y = build(scope.child('kind'), before);
  const after = convolutionLayer(scope.child('after'), y, { outChannels: 4, kernelSize: 1 });
  const program = trainingProgram({
    loss: $.mean($.square($.sub(after, 0.3))),
    variables: variables(),
    optimizer: sgd(),
    precision,
  });
  const executable = await compile(program, { threads: 1, freesEarly: precision === 'mixed' });
  const start = initialValues(variables(), 3);
  for (const [name, value] of start) executable.writeState(name, value);
  const data = Float32Array.from(noise(SHAPE, 5));
  await executable.run({
    x: { shape: SHAPE, dtype: 'float32', data },
    learning_rate: scalarValue(1),
    step: scalarValue(1),
  });
  const moved = [...start].map(([name, { data: first }]) => {
    const now = executable.readState(name).data as Float32Array;
    return [name, now.map((value, i) => value - Number(first[i]))] as const;
  });
  await executable.close();
  return new Map(moved);
}

const length = (values: Float32Array): number => Math.hypot(...values);

test.each(Object.entries(KINDS))(
  'gradients through %s are those of float32 within the rounding of float16',
  async (_, build) => {
    const [single, mixed] = [await afterOneStep(build, 'float32'), await afterOneStep(build, 'mixed')];
    const whole = Math.max(...[...single.values()].map(length));
    let apart = 0;
    for (const [name, expected] of single) {
      const got = mixed.get(name) as Float32Array;
      const error = length(got.map((value, i) => value - (expected[i] as number)));
      expect(error, name).toBeLessThan(TOLERANCE * Math.max(length(expected), 0.1 * whole));
      apart += error;
    }
    expect(apart).toBeGreaterThan(0);
  },
);
