import {
  ops as $,
  adam,
  compile,
  createNetworkBuilder,
  initialValues,
  scalarValue,
  type Tensor,
  trainingProgram,
} from '@vesalius/engine';
import { deepSupervisionLoss, diceCELoss } from '@vesalius/medical';
import { expect, test } from 'vitest';
import { type TransUnetPlusPlusOptions, transUnetPlusPlus } from './trans-unet-plus-plus.ts';

const size = { channels: [4, 6, 8], hiddenSize: 8, mlpDim: 16, numLayers: 1, numHeads: 2 };
const options: TransUnetPlusPlusOptions = { outChannels: 2, size };

function build(shape: readonly number[], changes: Partial<TransUnetPlusPlusOptions> = {}, training = false) {
  const { scope, variables } = createNetworkBuilder({ training });
  return { ...transUnetPlusPlus(scope, $.input('x', shape), { ...options, ...changes }), variables: variables() };
}

async function outputsOf(shape: readonly number[], changes: Partial<TransUnetPlusPlusOptions> = {}) {
  const { logits, shares, variables } = build(shape, changes);
  const states = Object.fromEntries(variables.map(({ name, tensor }) => [name, { current: tensor }]));
  const outputs = { logits: logits[0] as Tensor, ...Object.fromEntries(shares) };
  const program = await compile({ outputs, states }, { threads: 1 });
  for (const [name, value] of initialValues(variables, 4)) program.writeState(name, value);
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(3 * i));
  const found = await program.run({ x: { shape: [...shape], dtype: 'float32', data } });
  await program.close();
  return found;
}

test('answers at the size of the image, flat and deep, with a map of shares for every nested node', () => {
  for (const shape of [
    [1, 3, 16, 8],
    [1, 1, 8, 16, 8],
  ]) {
    const { logits, shares } = build(shape);
    expect(logits.map((one) => one.shape)).toEqual([[1, 2, ...shape.slice(2)]]);
    expect([...shares.keys()].sort()).toEqual(['0.1', '0.2', '1.1']);
    expect(shares.get('0.2')?.shape).toEqual([1, 2, ...shape.slice(2)]);
  }
});

test('with a stem features are coarser than the image, answers are not', () => {
  const { logits, shares } = build([1, 1, 16, 8], { stem: [2, 2], deepSupervision: true }, true);
  for (const one of logits) expect(one.shape).toEqual([1, 2, 16, 8]);
  expect(shares.get('0.2')?.shape).toEqual([1, 2, 8, 4]);
  expect(() => build([1, 1, 12, 8], { stem: [2, 2] })).toThrow('SHAPE_MISMATCH');
});

test('the shares of convolutions and transformer sum to one in every place', async () => {
  const shares = (await outputsOf([1, 1, 8, 8]))['0.1']?.data ?? [];
  for (let i = 0; i < 64; i++) expect(Number(shares[i]) + Number(shares[64 + i])).toBeCloseTo(1, 6);
});

test('each switch takes its own parameters away', () => {
  const names = (changes: Partial<TransUnetPlusPlusOptions>) =>
    build([1, 1, 8, 8], changes).variables.map((v) => v.name);
  expect(names({ gate: false }).some((name) => /gate|spread/.test(name))).toBe(false);
  expect(names({ transformer: false }).some((name) => /transformer|place_gate|spread/.test(name))).toBe(false);
  expect(names({ transformer: false }).some((name) => name.includes('channel_gate'))).toBe(true);
  expect(names({ nest: false }).some((name) => name.startsWith('nodes.0.1.'))).toBe(false);
});

test('every branch answers while training, and a pruned network takes the same weights', () => {
  const full = build([1, 1, 8, 8], { deepSupervision: true }, true);
  expect(full.logits.map(({ shape }) => shape)).toEqual([
    [1, 2, 8, 8],
    [1, 2, 8, 8],
  ]);
  const shapes = new Map(full.variables.map(({ name, tensor }) => [name, tensor.shape]));
  const pruned = build([1, 1, 8, 8], { branches: 1 });
  for (const { name, tensor } of pruned.variables) expect(shapes.get(name)).toEqual(tensor.shape);
  expect(pruned.variables.length).toBeLessThan(full.variables.length);
});

test('a pruned network answers as that branch of the whole', async () => {
  const shape = [1, 1, 8, 8];
  const whole = build(shape, { deepSupervision: true }, true);
  const weights = initialValues(whole.variables, 4);
  const data = Float32Array.from({ length: 64 }, (_, i) => Math.sin(3 * i));
  const answerOf = async (logits: Tensor, variables: typeof whole.variables): Promise<number[]> => {
    const states = Object.fromEntries(variables.map(({ name, tensor }) => [name, { current: tensor }]));
    const program = await compile({ outputs: { logits }, states }, { threads: 1 });
    for (const [name, value] of weights) if (program.stateNames.includes(name)) program.writeState(name, value);
    const found = await program.run({ x: { shape, dtype: 'float32', data } });
    await program.close();
    return Array.from(found['logits']?.data ?? [], Number);
  };
  const pruned = build(shape, { branches: 1 });
  const [got, expected] = [
    await answerOf(pruned.logits[0] as Tensor, pruned.variables),
    await answerOf(whole.logits[1] as Tensor, whole.variables),
  ];
  expect(got).toHaveLength(128);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(expected[i] as number, 5);
});

test('learned positions serve an image of another size', async () => {
  const found = await outputsOf([1, 1, 16, 8], { grid: [2, 2] });
  expect(found['logits']?.shape).toEqual([1, 2, 16, 8]);
});

test('refuses sizes it cannot halve and branches it does not have', () => {
  expect(() => build([1, 1, 8, 10])).toThrow('multiples of [4, 4]');
  expect(() => build([1, 1, 8, 8], { branches: 3 })).toThrow('INVALID_ARGUMENT: transUnetPlusPlus: branches');
  expect(() => build([1, 1, 8, 8], { nest: false, branches: 1 })).toThrow('INVALID_ARGUMENT');
});

test('learns to find a disc under deep supervision', async () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const shape = [2, 1, 16, 16];
  const { logits } = transUnetPlusPlus(scope, $.input('x', shape), { ...options, deepSupervision: true });
  const part = (one: Tensor, wanted: Tensor) => diceCELoss(one, wanted, { softmax: true, toOnehotY: true });
  const loss = deepSupervisionLoss([...logits], $.input('t', shape, 'uint8'), { loss: part, normalize: true });
  const program = await compile(trainingProgram({ loss, variables: variables(), optimizer: adam() }), { threads: 1 });
  for (const [name, value] of initialValues(variables(), 0)) program.writeState(name, value);
  const disc = Uint8Array.from({ length: 512 }, (_, i) =>
    Math.hypot((i % 16) - 8, (Math.floor(i / 16) % 16) - 6) < 4 ? 1 : 0,
  );
  const x = { shape, dtype: 'float32', data: Float32Array.from(disc, (v, i) => v + Math.sin(9 * i)) } as const;
  const losses: number[] = [];
  for (let step = 1; step <= 30; step++) {
    const fed = { x, t: { shape, dtype: 'uint8', data: disc } as const };
    const found = await program.run({ ...fed, learning_rate: scalarValue(0.01), step: scalarValue(step) });
    losses.push(Number(found['loss']?.data[0]));
  }
  await program.close();
  expect(losses.at(-1)).toBeLessThan(0.4 * (losses[0] as number));
});
