import { describe, expect, test } from 'vitest';
import { gradients } from '../../autodiff/gradients.ts';
import type { Shape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { batchNorm, convolutionLayer, instanceNorm, transposedConvolutionLayer } from '../../nn/layers.ts';
import { createNetworkBuilder, type Scope } from '../../nn/scope.ts';
import { PORTABLE } from '../../onnx/to-onnx.ts';
import { sgd } from '../../optimizers/sgd.ts';
import { initialValues, trainingProgram } from '../../optimizers/training-program.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { scalarValue } from '../../runtime/tensor-value.ts';
import { noise } from '../../testing/check-gradients.ts';
import type { ConvolutionGeometry } from '../convolution.ts';
import * as $ from '../operations.ts';

type Outputs = Record<string, Tensor>;

async function evaluate(outputs: Outputs, options: CompileOptions): Promise<Record<string, Float32Array>> {
  const program = await compile({ outputs, states: {} }, { threads: 1, ...options });
  const results = await program.run({});
  await program.close();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

/** Largest difference of the default layout from the plain one, relative to the largest number of each output. */
async function difference(outputs: Outputs): Promise<number> {
  const [blocked, plain] = [await evaluate(outputs, {}), await evaluate(outputs, { target: PORTABLE })];
  const differences = Object.keys(outputs).map((name) => {
    const [a, b] = [blocked[name] ?? [], plain[name] ?? []];
    let [error, largest] = [0, 1e-3];
    for (let i = 0; i < b.length; i++) {
      error = Math.max(error, Math.abs((a[i] as number) - (b[i] as number)));
      largest = Math.max(largest, Math.abs(b[i] as number));
    }
    return a.length === b.length ? error / largest : Number.NaN;
  });
  return Math.max(...differences);
}

const values = (shape: Shape, seed: number): Tensor => $.constant(Float32Array.from(noise(shape, seed)), shape);

type Convolved = readonly [x: Shape, w: Shape, options?: $.ConvolutionOptions & { after?: number[] }];

const CONVOLUTIONS: Convolved[] = [
  [[2, 8, 9, 7], [16, 8, 3, 3], { padding: 1 }],
  [[8, 16, 6, 5], [8, 16, 3, 3], { padding: 1 }],
  [[3, 24, 7, 11], [24, 24, 3, 3], { padding: 1 }],
  [[2, 16, 9, 8], [16, 16, 3, 3], { padding: 1, stride: 2 }],
  [[2, 16, 8, 8], [32, 16, 3, 3], { padding: 1, stride: [2, 1] }],
  [[1, 8, 11, 10], [8, 8, 3, 3], { padding: 1, stride: 3 }],
  [[2, 8, 9, 9], [8, 8, 3, 3], { padding: 2, dilation: 2 }],
  [[2, 1, 9, 7], [16, 1, 3, 3], { padding: 1 }],
  [[2, 3, 16, 16], [16, 3, 4, 4], { stride: 4 }],
  [
    [2, 16, 5, 6],
    [1, 16, 1, 1],
  ],
  [[2, 16, 5, 6], [3, 16, 3, 3], { padding: 1 }],
  [[2, 12, 7, 6], [20, 12, 3, 3], { padding: 1 }],
  [[2, 8, 6, 7], [16, 8, 5, 5], { padding: 2 }],
  [
    [2, 8, 6, 7],
    [16, 8, 2, 3],
  ],
  [[2, 8, 7, 6], [8, 8, 3, 3], { after: [2, 0] }],
  [[3, 8, 19], [16, 8, 3], { padding: 1 }],
  [[3, 16, 19], [8, 16, 4], { stride: 2, padding: 1 }],
  [[2, 8, 5, 7, 6], [16, 8, 3, 3, 3], { padding: 1 }],
  [[1, 16, 6, 5, 7], [8, 16, 3, 3, 3], { padding: 1 }],
  [[2, 8, 7, 6, 5], [16, 8, 3, 3, 3], { padding: 1, stride: 2 }],
  [[1, 8, 6, 7, 8], [24, 8, 1, 3, 3], { padding: [0, 1, 1], stride: [1, 2, 2] }],
  [[2, 1, 5, 6, 4], [8, 1, 3, 3, 3], { padding: 1 }],
  [[2, 2, 5, 6, 4], [8, 2, 3, 3, 3], { padding: 1, stride: [2, 1, 1] }],
  [
    [2, 8, 4, 6, 4],
    [2, 8, 1, 1, 1],
  ],
  [[1, 8, 1, 6, 6], [8, 8, 3, 3, 3], { padding: 1 }],
  [[1, 16, 64, 40], [16, 16, 3, 3], { padding: 1 }],
];

describe('a convolution and its derivatives in blocks equal the plain ones', () => {
  test.for(CONVOLUTIONS)('x %j, w %j, %j', async ([xShape, wShape, { after, ...options } = {}]) => {
    const [x, w] = [values(xShape, 1), values(wShape, 2)];
    const symmetric = $.convolution(x, w, options);
    const geometry = symmetric.node.attributes as unknown as ConvolutionGeometry;
    const y = after ? $.convolutionFrom(x, w, { ...geometry, padAfter: after }) : symmetric;
    const [dx, dw] = gradients(y, [x, w], { seed: values(y.shape, 3) }) as [Tensor, Tensor];
    expect(await difference({ y, dx, dw })).toBeLessThan(1e-5);
  });

  test.each([
    [[2, 16, 5, 6], [16, 8, 2, 2], { stride: 2 }],
    [[2, 16, 5, 6], [16, 8, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
    [[2, 8, 3, 4, 5], [8, 16, 2, 2, 2], { stride: 2 }],
    [[1, 8, 3, 4, 5], [8, 8, 3, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
    [[2, 8, 3, 4, 5], [8, 8, 1, 2, 2], { stride: [1, 2, 2] }],
    [[2, 16, 5, 6], [16, 3, 4, 4], { stride: 2, padding: 1 }],
  ] as const)('transposed: x %j, w %j, %j', async (xShape, wShape, options) => {
    const [x, w] = [values(xShape, 1), values(wShape, 2)];
    const y = $.transposedConvolution(x, w, options);
    const [dx, dw] = gradients(y, [x, w], { seed: values(y.shape, 3) }) as [Tensor, Tensor];
    expect(await difference({ y, dx, dw })).toBeLessThan(1e-5);
  });
});

const CHAINS: Record<string, (x: Tensor, scope: Scope) => Tensor> = {
  'instance norm with scale and shift': (x, scope) => $.relu(instanceNorm(scope, x, { affine: true })),
  'instance norm after a biased convolution': (x, scope) =>
    instanceNorm(scope.child('n'), $.add(x, values([16, ...x.shape.slice(2).map(() => 1)], 5))),
  'instance norm of values far from zero': (x, scope) => instanceNorm(scope, $.exp($.add($.abs($.mul(x, 0.01)), 6))),
  'batch norm': (x, scope) => $.leakyRelu(batchNorm(scope, x)),
  'residual sum': (x, scope) => $.relu($.add(instanceNorm(scope, x), x)),
  'scales, shifts, negations and quotients': (x) => $.sub(2, $.neg($.div($.sub($.mul(x, 3), 1), 7))),
  'one channel against all': (x) =>
    $.mul(
      x,
      $.sigmoid(
        $.slice(
          x,
          x.shape.map(() => 0),
          x.shape.with(1, 1),
        ),
      ),
    ),
  'one number a channel': (x) => $.mul(x, $.sigmoid($.globalAveragePool(x))),
  'one number a sample': (x) => $.div(x, $.add($.mean($.abs(x), x.shape.map((_, i) => i).slice(1)), 1)),
  'channels joined and cut': (x) => $.sliceAxis($.concat([x, $.sliceAxis($.square(x), 1, 0, 8), x], 1), 1, 8, 32),
  'channels cut within a block': (x) => $.sliceAxis($.square(x), 1, 3, 9),
  'choices and comparisons': (x) =>
    $.where($.greater(x, 0.1), $.square(x), $.mul(x, $.cast($.less(x, -0.2), 'float32'))),
  'a comparison read in the plain layout': (x) => $.cumulativeSum($.cast($.greater($.abs(x), 0.2), 'float32'), 1),
  'maxima and pools': (x) => $.maxPool($.maximum(x, $.minimum($.mul(x, 0.1), 0.05)), 2),
  'a mean over everything': (x) => $.mean($.square(x)),
  'a shape that space leaves': (x) => $.transpose($.reshape($.relu(x), [x.shape[0] as number, 16, -1]), [0, 2, 1]),
};

describe.each([
  ['two', [2, 6, 8]],
  ['three', [2, 4, 6, 4]],
])('in %s dimensions, what follows a convolution in blocks equals the plain layout:', (_, [batch = 1, ...space]) => {
  test.each(Object.entries(CHAINS))('%s', async (_name, chain) => {
    const { scope, variables } = createNetworkBuilder({ training: true });
    const [x, w] = [values([batch, 8, ...space], 1), values([16, 8, ...space.map(() => 3)], 2)];
    const y = chain($.convolution(x, w, { padding: 1 }), scope);
    const learned = variables()
      .filter(({ trainable }) => trainable)
      .map(({ tensor }) => tensor);
    const [dx, dw, ...rest] = gradients(y, [x, w, ...learned], { seed: values(y.shape, 3) });
    const fed = new Map(learned.map((tensor, i) => [tensor, values(tensor.shape, 10 + i)]));
    expect(
      await difference(
        substituted(
          { y, dx: dx as Tensor, dw: dw as Tensor, ...Object.fromEntries(rest.map((d, i) => [`d${i}`, d])) },
          fed,
        ),
      ),
    ).toBeLessThan(2e-5);
  });
});

/** The same graph with some of its inputs given. */
function substituted(outputs: Outputs, given: ReadonlyMap<Tensor, Tensor>): Outputs {
  const done = new Map<Tensor, Tensor>(given);
  const copy = (tensor: Tensor): Tensor => {
    const known = done.get(tensor);
    if (known) return known;
    const inputs = tensor.node.inputs.map(copy);
    const node = { ...tensor.node, inputs, outputs: [] as Tensor[] };
    for (const output of tensor.node.outputs) {
      const made = { ...output, node };
      node.outputs.push(made);
      done.set(output, made);
    }
    return done.get(tensor) as Tensor;
  };
  return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, copy(tensor)]));
}

interface Training {
  readonly shape: Shape;
  readonly channels: readonly number[];
  readonly classes: number;
}

function network(scope: Scope, x: Tensor, { channels, classes }: Training): Tensor {
  const block = (at: Scope, input: Tensor, outChannels: number): Tensor => {
    const once = $.relu(
      instanceNorm(at.child('n0'), convolutionLayer(at.child('c0'), input, { outChannels, kernelSize: 3, padding: 1 })),
    );
    return $.leakyRelu(
      instanceNorm(
        at.child('n1'),
        convolutionLayer(at.child('c1'), once, { outChannels, kernelSize: 3, padding: 1, bias: false }),
        { affine: true },
      ),
    );
  };
  const skips: Tensor[] = [];
  let current = x;
  for (const [i, outChannels] of channels.entries()) {
    if (i > 0)
      current = convolutionLayer(scope.child(`down${i}`), current, {
        outChannels,
        kernelSize: 3,
        padding: 1,
        stride: 2,
      });
    current = block(scope.child(`encode${i}`), current, outChannels);
    skips.push(current);
  }
  for (const [i, skip] of skips.slice(0, -1).entries().toArray().reverse()) {
    const outChannels = channels[i] as number;
    current = transposedConvolutionLayer(scope.child(`up${i}`), current, { outChannels, kernelSize: 2, stride: 2 });
    current = block(scope.child(`decode${i}`), $.concat([skip, current], 1), outChannels);
  }
  return convolutionLayer(scope.child('head'), current, { outChannels: classes, kernelSize: 1 });
}

async function losses(training: Training, options: CompileOptions): Promise<number[]> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const target = training.shape.with(1, training.classes);
  const [x, truth] = [$.input('x', training.shape), $.cast($.greater(values(target, 4), 0.2), 'float32')];
  const logits = network(scope, x, training);
  const loss = $.mean($.sub($.softplus(logits), $.mul(logits, truth)));
  const program = await compile(trainingProgram({ loss, variables: variables(), optimizer: sgd() }), {
    threads: 1,
    ...options,
  });
  for (const [name, value] of initialValues(variables(), 1)) program.writeState(name, value);
  const data = Float32Array.from(noise(training.shape, 3));
  const feeds = { x: { shape: training.shape, dtype: 'float32' as const, data }, learning_rate: scalarValue(0.05) };
  const seen: number[] = [];
  for (let step = 1; step <= 5; step++) {
    const { loss: value, gradient_norm: norm } = await program.run({ ...feeds, step: scalarValue(step) });
    seen.push(Number(value?.data[0]), Number(norm?.data[0]));
  }
  await program.close();
  return seen;
}

test.each([
  { shape: [2, 1, 20, 28], channels: [8, 16, 24], classes: 3 },
  { shape: [2, 1, 8, 12, 4], channels: [8, 16], classes: 1 },
])('a U-Net learns the same in both layouts, and the same to the bit when repeated: %j', async (training) => {
  const [blocked, again, plain] = [
    await losses(training, {}),
    await losses(training, {}),
    await losses(training, { target: PORTABLE }),
  ];
  expect(again).toEqual(blocked);
  for (const [i, value] of plain.entries())
    expect(Math.abs((blocked[i] as number) - value)).toBeLessThan(1e-5 * Math.abs(value));
  expect(blocked[8]).toBeLessThan(blocked[0] as number);
});

test('the blocked layout is in use where the processor has it', async () => {
  const y = $.relu($.convolution(values([1, 8, 4, 4], 1), values([16, 8, 3, 3], 2), { padding: 1 }));
  const program = await compile({ outputs: { y }, states: {} }, { threads: 1 });
  expect(new TextDecoder('latin1').decode(program.onnx)).toContain('com.microsoft.nchwc');
  await program.close();
});
