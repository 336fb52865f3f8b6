import { expect, test } from 'vitest';
import type { Tensor } from '../graph/tensor.ts';
import { convolutionLayer, instanceNorm } from '../nn/layers.ts';
import { createNetworkBuilder } from '../nn/scope.ts';
import type { OnnxNode } from '../onnx/format/onnx-model.ts';
import * as $ from '../ops/operations.ts';
import { adamW } from '../optimizers/adam.ts';
import { initialValues, trainingProgram } from '../optimizers/training-program.ts';
import { noise } from '../testing/check-gradients.ts';
import { type CompileOptions, compile, type Executable } from './compile.ts';
import { scalarValue } from './tensor-value.ts';

const SHAPE = [2, 1, 12, 12];

async function smallTraining(options: CompileOptions = {}): Promise<Executable> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const x = $.input('x', SHAPE);
  const hidden = $.relu(
    instanceNorm(
      scope.child('norm'),
      convolutionLayer(scope.child('a'), x, { outChannels: 4, kernelSize: 3, padding: 1 }),
    ),
  );
  const y = convolutionLayer(scope.child('b'), hidden, { outChannels: 1, kernelSize: 3, padding: 1 });
  const loss = $.mean($.square($.sub(y, $.square(x))));
  const program = trainingProgram({ loss, variables: variables(), optimizer: adamW(), clipNorm: 1, emaDecay: 0.9 });
  const executable = await compile(program, { threads: 1, ...options });
  for (const [name, value] of initialValues(variables(), 1)) executable.writeState(name, value);
  return executable;
}

async function train(executable: Executable, steps: number): Promise<number[]> {
  const losses: number[] = [];
  const x = { shape: SHAPE, dtype: 'float32' as const, data: Float32Array.from(noise(SHAPE, 3)) };
  for (let step = 1; step <= steps; step++) {
    const feeds = { x, learning_rate: scalarValue(0.01), step: scalarValue(step) };
    losses.push(Number((await executable.run(feeds))['loss']?.data[0]));
  }
  return losses;
}

function shuffled(seed: number): (nodes: readonly OnnxNode[]) => OnnxNode[] {
  let state = seed;
  return (nodes) => {
    const made = new Set(nodes.flatMap((node) => node.outputs));
    const waiting = [...nodes];
    const order: OnnxNode[] = [];
    while (waiting.length > 0) {
      const ready = waiting.filter((node) => node.inputs.every((name) => !made.has(name)));
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const chosen = ready[state % ready.length] as OnnxNode;
      waiting.splice(waiting.indexOf(chosen), 1);
      for (const name of chosen.outputs) made.delete(name);
      order.push(chosen);
    }
    return order;
  };
}

test('training lowers the loss and repeats to the bit', async () => {
  const [a, b] = [await smallTraining(), await smallTraining()];
  const losses = await train(a, 20);
  expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.8);
  expect(await train(b, 20)).toEqual(losses);
  for (const name of a.stateNames) expect(b.readState(name).data).toEqual(a.readState(name).data);
});

test('parameter updates are the same whatever the order of the nodes', async () => {
  const losses = await train(await smallTraining(), 8);
  for (const seed of [1, 2, 3, 4, 5]) {
    const other = await train(await smallTraining({ arrange: shuffled(seed) }), 8);
    for (const [i, loss] of losses.entries()) expect(Math.abs((other[i] as number) - loss)).toBeLessThan(1e-5 * loss);
  }
});

test('goes on from states written back, as if it had not stopped', async () => {
  const whole = await smallTraining();
  await train(whole, 5);
  const saved = new Map(whole.stateNames.map((name) => [name, structuredClone(whole.readState(name))]));
  const expected = await train(whole, 5);
  const resumed = await smallTraining();
  for (const [name, value] of saved) resumed.writeState(name, value);
  expect(await train(resumed, 5)).toEqual(expected);
});

test('refuses feeds of another shape, type or name, and says what is wrong', async () => {
  const executable = await smallTraining();
  const scalars = { learning_rate: scalarValue(0.01), step: scalarValue(1) };
  const value = (shape: number[]): { shape: number[]; dtype: 'float32'; data: Float32Array } => ({
    shape,
    dtype: 'float32',
    data: new Float32Array(shape.reduce((a, b) => a * b)),
  });
  await expect(executable.run({ ...scalars, x: value([1, 1, 12, 12]) })).rejects.toThrow(
    'SHAPE_MISMATCH: feed x, got [1, 1, 12, 12], expected [2, 1, 12, 12]',
  );
  await expect(executable.run({ ...scalars })).rejects.toThrow(
    'INVALID_ARGUMENT: feed, got nothing, expected a value for x',
  );
  await expect(
    executable.run({ ...scalars, x: { ...value(SHAPE), dtype: 'float64', data: new Float64Array(288) } }),
  ).rejects.toThrow('DTYPE_MISMATCH');
  expect(() => executable.writeState('nothing', scalarValue(1))).toThrow('INVALID_ARGUMENT');
});

test('an output that is an input, and one value under two names, come back', async () => {
  const x = $.input('x', [2]);
  const y = $.add(x, 1);
  const program = await compile({ outputs: { same: x, y, again: y as Tensor }, states: {} }, { threads: 1 });
  const result = await program.run({ x: { shape: [2], dtype: 'float32', data: Float32Array.of(1, 2) } });
  expect(
    Object.fromEntries(Object.entries(result).map(([name, { data }]) => [name, Array.from(data, Number)])),
  ).toEqual({ same: [1, 2], y: [2, 3], again: [2, 3] });
});

test('a backend that this installation lacks is named', async () => {
  const y = $.add($.input('x', [2]), 1);
  await expect(compile({ outputs: { y }, states: {} }, { backend: 'cuda' })).rejects.toThrow(
    'BACKEND_MISSING: backend cuda',
  );
  await expect(compile({ outputs: { y }, states: {} }, { backend: 'tensorrt' })).rejects.toThrow(
    'BACKEND_MISSING: backend tensorrt',
  );
});
