import { expect, test } from 'vitest';
import { convolutionLayer, instanceNorm, linear } from '../nn/layers.ts';
import { createNetworkBuilder } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { compile, type Executable } from '../runtime/compile.ts';
import { scalarValue, type TensorValue } from '../runtime/tensor-value.ts';
import { noise } from '../testing/check-gradients.ts';
import { adam, adamW } from './adam.ts';
import { sgd } from './sgd.ts';
import { initialValues, isMatrix, type TrainingProgramOptions, trainingProgram } from './training-program.ts';

type Options = Partial<TrainingProgramOptions> & Pick<TrainingProgramOptions, 'optimizer'>;

async function training(batch: number, options: Options): Promise<Executable> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const x = $.input('x', [batch, 1, 6, 6]);
  const hidden = convolutionLayer(scope.child('conv'), x, { outChannels: 3, kernelSize: 3, padding: 1, bias: false });
  const normed = $.relu(instanceNorm(scope.child('norm'), hidden, { affine: true }));
  const y = linear(scope.child('head'), $.reshape($.mean(normed, [2, 3]), [batch, 3]), { outFeatures: 1 });
  const loss = $.mean($.square($.sub(y, $.reshape($.mean($.square(x), [1, 2, 3]), [batch, 1]))));
  const executable = await compile(trainingProgram({ loss, variables: variables(), ...options }), { threads: 1 });
  for (const [name, value] of initialValues(variables(), 1)) {
    executable.writeState(name, value);
    if (executable.stateNames.includes(`ema.${name}`)) executable.writeState(`ema.${name}`, value);
  }
  return executable;
}

const IMAGES = Float32Array.from(noise([12, 1, 6, 6], 3), (v, i) => v * (1 + Math.floor(i / 36) / 10));

function feeds(step: number, [from, to]: readonly [number, number], rate = 0.01): Record<string, TensorValue> {
  const x = { shape: [to - from, 1, 6, 6], dtype: 'float32', data: IMAGES.slice(from * 36, to * 36) } as const;
  return { x, learning_rate: scalarValue(rate), step: scalarValue(step) };
}

const numbers = (executable: Executable, name: string): number[] =>
  Array.from(executable.readState(name).data as Float32Array);

function largestDifference(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number))));
}

test('three runs with a third of the batch each make the update of the whole batch', async () => {
  const shared = { optimizer: adam(), clipNorm: 0.5, emaDecay: 0.9 };
  const [whole, parts] = [await training(12, shared), await training(4, { ...shared, accumulate: 3 })];
  const first = numbers(parts, 'conv.weight');
  for (let step = 1; step <= 4; step++) {
    const expected = await whole.run(feeds(step, [0, 12]));
    await parts.run(feeds(step, [0, 4]));
    await parts.run(feeds(step, [4, 8]));
    if (step === 1) expect(numbers(parts, 'conv.weight')).toEqual(first);
    const got = await parts.run(feeds(step, [8, 12]));
    expect(Number(got['gradient_norm']?.data[0])).toBeCloseTo(Number(expected['gradient_norm']?.data[0]), 5);
  }
  expect(numbers(parts, 'conv.weight')).not.toEqual(first);
  for (const name of whole.stateNames)
    expect(largestDifference(numbers(parts, name), numbers(whole, name)), name).toBeLessThan(1e-5);
  await whole.close();
  await parts.close();
});

test('accumulation over less than one run is refused', async () => {
  await expect(training(4, { optimizer: sgd(), accumulate: 0 })).rejects.toThrow('INVALID_ARGUMENT: accumulate');
});

test('the moving average follows quickly at first, slowly later, and never more slowly than its decay', async () => {
  const executable = await training(4, { optimizer: sgd(), emaDecay: 0.5 });
  let average = numbers(executable, 'head.weight');
  for (let step = 1; step <= 12; step++) {
    await executable.run(feeds(step, [0, 4], 0.05));
    const decay = Math.min(0.5, (1 + step) / (10 + step));
    const now = numbers(executable, 'head.weight');
    average = average.map((value, i) => decay * value + (1 - decay) * (now[i] as number));
    expect(largestDifference(numbers(executable, 'ema.head.weight'), average)).toBeLessThan(1e-6);
  }
  await executable.close();
});

test('a frozen parameter has no gradient and no state of an optimizer, and stays', async () => {
  const executable = await training(4, { optimizer: adam(), frozen: (name) => name.startsWith('conv.') });
  const [before, head] = [numbers(executable, 'conv.weight'), numbers(executable, 'head.weight')];
  await executable.run(feeds(1, [0, 4]));
  expect(numbers(executable, 'conv.weight')).toEqual(before);
  expect(numbers(executable, 'head.weight')).not.toEqual(head);
  expect(executable.stateNames).not.toContain('first_moment.conv.weight');
  await executable.close();
});

test('a factor on the learning rate holds for the parameters it names', async () => {
  const factor = (name: string): number => (name.startsWith('head.') ? 3 : 1);
  const [plain, faster] = [
    await training(4, { optimizer: sgd() }),
    await training(4, { optimizer: sgd(), learningRateFactor: factor }),
  ];
  const step = async (executable: Executable, name: string, before: number[]): Promise<number[]> =>
    numbers(executable, name).map((value, i) => value - (before[i] as number));
  const [weight, head] = [numbers(plain, 'conv.weight'), numbers(plain, 'head.weight')];
  for (const executable of [plain, faster]) await executable.run(feeds(1, [0, 4]));
  expect(numbers(faster, 'conv.weight')).toEqual(numbers(plain, 'conv.weight'));
  const [one, three] = [await step(plain, 'head.weight', head), await step(faster, 'head.weight', head)];
  expect(
    largestDifference(
      three,
      one.map((moved) => 3 * moved),
    ),
  ).toBeLessThan(1e-6);
  expect(Math.max(...one.map(Math.abs))).toBeGreaterThan(1e-4);
  expect(numbers(plain, 'conv.weight')).not.toEqual(weight);
  await plain.close();
  await faster.close();
});

test.each([
  ['adamW', adamW({ weightDecay: 0.5 })],
  ['adam', adam({ weightDecay: 0.5 })],
  ['sgd', sgd({ weightDecay: 0.5 })],
])('weight decay of %s leaves biases and norms alone where only matrices decay', async (_, optimizer) => {
  const [all, matrices] = [await training(4, { optimizer }), await training(4, { optimizer, decays: isMatrix })];
  for (const executable of [all, matrices]) await executable.run(feeds(1, [0, 4], 0.1));
  expect(numbers(matrices, 'head.weight')).toEqual(numbers(all, 'head.weight'));
  for (const executable of [all, matrices]) await executable.run(feeds(2, [0, 4], 0.1));
  expect(numbers(matrices, 'norm.weight')).not.toEqual(numbers(all, 'norm.weight'));
  expect(numbers(matrices, 'head.bias')).not.toEqual(numbers(all, 'head.bias'));
  await all.close();
  await matrices.close();
});
