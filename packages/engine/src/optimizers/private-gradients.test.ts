import { expect, test } from 'vitest';
import { gradients } from '../autodiff/gradients.ts';
import { clippedGradients, perSampleGradients } from '../autodiff/per-sample-gradients.ts';
import type { Tensor } from '../graph/tensor.ts';
import { batchNorm, convolutionLayer, groupNorm, linear } from '../nn/layers.ts';
import { createNetworkBuilder, type Scope, type Variable } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { compile, type Executable, type Program } from '../runtime/compile.ts';
import { scalarValue, type TensorValue } from '../runtime/tensor-value.ts';
import { noise } from '../testing/check-gradients.ts';
import { type PrivateGradientOptions, privateGradients } from './private-gradients.ts';
import { sgd } from './sgd.ts';
import { initialValues, trainingProgram } from './training-program.ts';

const BATCH = 5;
const SIZE = [2, 8, 8];

function classifierLoss(scope: Scope, x: Tensor, label: Tensor): Tensor {
  const batch = x.shape[0] as number;
  const hidden = convolutionLayer(scope.child('conv'), x, { outChannels: 16, kernelSize: 3, padding: 1 });
  const normed = $.relu(groupNorm(scope.child('norm'), hidden, 4));
  const wide = $.relu(
    convolutionLayer(scope.child('wide'), normed, { outChannels: 16, kernelSize: 3, padding: 1, stride: 2 }),
  );
  const logits = linear(scope.child('head'), $.reshape($.mean(wide, [2, 3]), [batch, 16]), { outFeatures: 3 });
  return $.neg($.mean($.sum($.mul($.logSoftmax(logits, 1), $.oneHot(label, 3, 1)), [1])));
}

const images = Float32Array.from(noise([BATCH, ...SIZE], 4), (v, i) => v * 2 ** Math.floor(i / 128));
const labels = [0, 2, 1, 1, 0];

function batch(from: number, to: number): Record<string, TensorValue> {
  const each = images.length / BATCH;
  return {
    x: { shape: [to - from, ...SIZE], dtype: 'float32', data: images.slice(from * each, to * each) },
    label: { shape: [to - from], dtype: 'int64', data: BigInt64Array.from(labels.slice(from, to), BigInt) },
  };
}

async function loaded(program: Program, variables: readonly Variable[]): Promise<Executable> {
  const executable = await compile(program, { threads: 1 });
  for (const [name, value] of initialValues(variables, 1)) executable.writeState(name, value);
  return executable;
}

const held = (variables: readonly Variable[]): Program['states'] =>
  Object.fromEntries(variables.map(({ name, tensor }) => [name, { current: tensor }]));

const named = (variables: readonly Variable[], values: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(variables.map(({ name }, i) => [`d.${name}`, values[i] as Tensor]));

const feed = (): [Tensor, Tensor] => [$.input('x', [BATCH, ...SIZE]), $.input('label', [BATCH], 'int64')];

interface OneByOne {
  readonly losses: number[];
  /** By name, then by sample. */
  readonly gradients: Record<string, Float32Array[]>;
  readonly norms: number[];
}

/** The answer to compare with: each sample in a run of its own. */
async function oneByOne(): Promise<OneByOne> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const loss = classifierLoss(scope, $.input('x', [1, ...SIZE]), $.input('label', [1], 'int64'));
  const found = gradients(
    loss,
    variables().map(({ tensor }) => tensor),
  );
  const executable = await loaded(
    { outputs: { loss, ...named(variables(), found) }, states: held(variables()) },
    variables(),
  );
  const result: OneByOne = { losses: [], gradients: {}, norms: [] };
  for (let i = 0; i < BATCH; i++) {
    const { loss: value, ...all } = await executable.run(batch(i, i + 1));
    result.losses.push(Number(value?.data[0]));
    let square = 0;
    for (const [name, { data }] of Object.entries(all)) {
      const own = (data as Float32Array).slice();
      result.gradients[name] = [...(result.gradients[name] ?? []), own];
      square += own.reduce((sum, g) => sum + g * g, 0);
    }
    result.norms.push(Math.sqrt(square));
  }
  await executable.close();
  return result;
}

function expectClose(got: ArrayLike<number> | undefined, expected: ArrayLike<number>, what: string): void {
  const pairs = Array.from(
    expected,
    (value, i) => Math.abs((got?.[i] ?? Number.NaN) - value) / Math.max(0.1, Math.abs(value)),
  );
  expect(got?.length, what).toBe(expected.length);
  expect(Math.max(...pairs), what).toBeLessThan(1e-5);
}

test('every sample of a batch gets the gradients it has alone', async () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const { losses, gradients: each } = perSampleGradients({
    loss: (x, label) => classifierLoss(scope, x as Tensor, label as Tensor),
    inputs: feed(),
    parameters: () => variables().map(({ tensor }) => tensor),
  });
  const executable = await loaded(
    { outputs: { losses, ...named(variables(), each) }, states: held(variables()) },
    variables(),
  );
  const got = await executable.run(batch(0, BATCH));
  const expected = await oneByOne();
  expectClose(got['losses']?.data as Float32Array, expected.losses, 'losses');
  for (const [name, alone] of Object.entries(expected.gradients)) {
    expectClose(
      got[name]?.data as Float32Array,
      alone.flatMap((g) => [...g]),
      name,
    );
  }
  await executable.close();
});

test('clipped sums are those of each sample clipped alone; samples that only fill the batch leave nothing', async () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const expected = await oneByOne();
  const clipNorm = [...expected.norms].sort((a, b) => a - b)[2] as number;
  const { norms, sums } = clippedGradients({
    loss: (x, label) => classifierLoss(scope, x as Tensor, label as Tensor),
    inputs: feed(),
    parameters: () => variables().map(({ tensor }) => tensor),
    clipNorm,
    present: $.input('present', [BATCH]),
  });
  const executable = await loaded(
    { outputs: { norms, ...named(variables(), sums) }, states: held(variables()) },
    variables(),
  );
  const present = [1, 1, 1, 0, 1];
  const fed = { shape: [BATCH], dtype: 'float32', data: Float32Array.from(present) } as const;
  const broken = batch(0, BATCH);
  const pixels = broken['x']?.data as Float32Array;
  pixels.fill(Number.NaN, 3 * 128, 4 * 128);
  const got = await executable.run({ ...broken, present: fed });
  const shares = expected.norms.map((norm, i) => (present[i] as number) * Math.min(1, clipNorm / norm));
  expect(shares.filter((share) => share > 0 && share < 1).length).toBeGreaterThan(0);
  for (const [name, alone] of Object.entries(expected.gradients)) {
    const sum = (alone[0] as Float32Array).map((_, i) =>
      alone.reduce((all, g, k) => all + (shares[k] as number) * (g[i] as number), 0),
    );
    expectClose(got[name]?.data as Float32Array, sum, name);
  }
  expectClose([got['norms']?.data[0] as number], [expected.norms[0] as number], 'norm');
  await executable.close();
});

function privateLoss(
  scope: Scope,
  variables: () => readonly Variable[],
  more: Partial<PrivateGradientOptions> = {},
): ReturnType<typeof privateGradients> {
  const loss = (x: Tensor | undefined, label: Tensor | undefined): Tensor =>
    classifierLoss(scope, x as Tensor, label as Tensor);
  return privateGradients({ loss, inputs: feed(), variables, clipNorm: 0.5, noiseMultiplier: 2, ...more });
}

test('a private step moves by the clipped sum and the noise that was fed', async () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const { loss, norms, gradientsOf } = privateLoss(scope, variables, { expectedBatchSize: 4 });
  const program = trainingProgram({ loss, variables: variables(), optimizer: sgd(), gradientsOf, outputs: { norms } });
  const executable = await loaded(program, variables());
  const first = Object.fromEntries(
    variables().map(({ name }) => [name, (executable.readState(name).data as Float32Array).slice()]),
  );
  const noises = variables().map(({ name, tensor }, i) => {
    return [
      `noise.${name}`,
      { shape: tensor.shape, dtype: 'float32', data: Float32Array.from(noise(tensor.shape, 20 + i)) },
    ] as const;
  });
  await executable.run({
    ...batch(0, BATCH),
    ...Object.fromEntries(noises),
    learning_rate: scalarValue(1),
    step: scalarValue(1),
  });
  const { norms: alone, gradients: each } = await oneByOne();
  for (const [i, { name }] of variables().entries()) {
    const z = noises[i]?.[1].data as Float32Array;
    const expected = (first[name] as Float32Array).map((value, at) => {
      const sum = alone.reduce(
        (all, norm, k) => all + Math.min(1, 0.5 / norm) * (each[`d.${name}`]?.[k]?.[at] as number),
        0,
      );
      return value - (sum + 2 * 0.5 * (z[at] as number)) / 4;
    });
    expectClose(executable.readState(name).data as Float32Array, expected, name);
  }
  await executable.close();
});

test('frozen parameters get neither gradient nor noise', async () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const frozen = (name: string): boolean => !name.startsWith('head.');
  const { loss, gradientsOf } = privateLoss(scope, variables, { frozen });
  const options = { loss, variables: variables(), optimizer: sgd(), gradientsOf };
  expect(() => trainingProgram(options)).toThrow('the same frozen parameters');
  const executable = await loaded(trainingProgram({ ...options, frozen }), variables());
  const zeros = (name: string, shape: readonly number[], count: number) =>
    [`noise.${name}`, { shape, dtype: 'float32', data: new Float32Array(count) }] as const;
  const fed = Object.fromEntries([zeros('head.weight', [3, 16], 48), zeros('head.bias', [3], 3)]);
  const before = (executable.readState('conv.weight').data as Float32Array).slice();
  await executable.run({ ...batch(0, BATCH), ...fed, learning_rate: scalarValue(1), step: scalarValue(1) });
  expect(executable.readState('conv.weight').data).toEqual(before);
  await executable.close();
});

test('names the layers that mix samples, and what to use instead', () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const loss = (x: Tensor | undefined): Tensor => $.mean($.square(batchNorm(scope.child('down.norm'), x as Tensor)));
  const options = { loss, inputs: [$.input('x', [BATCH, ...SIZE])], variables, clipNorm: 1, noiseMultiplier: 1 };
  expect(() => privateGradients(options)).toThrow(/INVALID_ARGUMENT.*got down\.norm, expected group or instance norm/);
});
