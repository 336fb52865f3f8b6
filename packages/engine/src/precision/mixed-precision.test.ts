import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Tensor } from '../graph/tensor.ts';
import { batchNorm, convolutionLayer, instanceNorm, transposedConvolutionLayer } from '../nn/layers.ts';
import { createNetworkBuilder, type Scope } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { adamW } from '../optimizers/adam.ts';
import { initialValues, type TrainingProgramOptions, trainingProgram } from '../optimizers/training-program.ts';
import { compile, type Executable } from '../runtime/compile.ts';
import { scalarValue, type TensorValue } from '../runtime/tensor-value.ts';
import { noise } from '../testing/check-gradients.ts';
import type { TrainingMemory } from '../testing/training-memory.ts';

const SHAPE = [2, 1, 32, 32];

function convolved(scope: Scope, x: Tensor, outChannels: number): Tensor {
  const y = convolutionLayer(scope.child('conv'), x, { outChannels, kernelSize: 3, padding: 1 });
  return $.leakyRelu(instanceNorm(scope.child('norm'), y, { affine: true }));
}

function smallUnet(scope: Scope, x: Tensor): Tensor {
  const fine = convolved(scope.child('fine'), x, 8);
  const coarse = convolved(scope.child('coarse'), $.maxPool(fine, 2), 16);
  const up = transposedConvolutionLayer(scope.child('up'), coarse, { outChannels: 8, kernelSize: 2, stride: 2 });
  const joined = convolved(scope.child('joined'), $.concat([fine, up], 1), 8);
  return convolutionLayer(scope.child('head'), joined, { outChannels: 2, kernelSize: 1 });
}

type Precision = NonNullable<TrainingProgramOptions['precision']>;

/** Learns to find the bright pixels. */
async function unetTraining(precision: Precision, more: Partial<TrainingProgramOptions> = {}): Promise<Executable> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const x = $.input('x', SHAPE);
  const logits = smallUnet(scope, x);
  const bright = $.cast($.greater(x, 0.3), 'float32');
  const chosen = $.logSoftmax(logits, 1);
  const [no, yes] = $.split(chosen, [1, 1], 1) as [Tensor, Tensor];
  const loss = $.neg($.mean($.add($.mul(bright, yes), $.mul($.sub(1, bright), no))));
  const options = { loss, variables: variables(), optimizer: adamW(), precision, emaDecay: 0.99, ...more };
  const executable = await compile(trainingProgram(options), { threads: 1 });
  for (const [name, value] of initialValues(variables(), 1)) {
    executable.writeState(name, value);
    if (executable.stateNames.includes(`ema.${name}`)) executable.writeState(`ema.${name}`, value);
  }
  return executable;
}

const image = (seed: number, factor = 1): TensorValue => {
  return { shape: SHAPE, dtype: 'float32', data: Float32Array.from(noise(SHAPE, seed), (v) => v * factor) };
};

function feeds(step: number, x = image(step)): Record<string, TensorValue> {
  return { x, learning_rate: scalarValue(0.003), step: scalarValue(step) };
}

const value = (result: Record<string, TensorValue>, name: string): number => Number(result[name]?.data[0]);

function statesOf(executable: Executable): Record<string, number[]> {
  return Object.fromEntries(
    executable.stateNames.map((name) => [name, Array.from(executable.readState(name).data as Float32Array)]),
  );
}

test('50 steps of a U-Net in mixed precision end where float32 ends', async () => {
  const [single, mixed] = [await unetTraining('float32'), await unetTraining('mixed')];
  const losses: [number, number][] = [];
  for (let step = 1; step <= 50; step++) {
    losses.push([value(await single.run(feeds(step)), 'loss'), value(await mixed.run(feeds(step)), 'loss')]);
  }
  const apart = losses.map(([a, b]) => Math.abs(a - b) / a);
  expect(losses[0]?.[1]).not.toBe(losses[0]?.[0]);
  expect(apart[0]).toBeLessThan(1e-3);
  expect(Math.max(...apart)).toBeLessThan(0.02);
  expect(losses.at(-1)?.[1]).toBeLessThan(0.6 * (losses[0]?.[1] as number));
  await single.close();
  await mixed.close();
});

test('a step that overflows leaves everything as it was but the scale, and the next one goes on', async () => {
  const [planted, clean] = [await unetTraining('mixed'), await unetTraining('mixed')];
  for (const executable of [planted, clean]) for (const step of [1, 2]) await executable.run(feeds(step));
  const before = statesOf(planted);
  const overflow = await planted.run(feeds(3, image(3, Number.POSITIVE_INFINITY)));
  expect([value(overflow, 'skipped'), value(overflow, 'loss_scale')]).toEqual([1, 65536]);
  const after = statesOf(planted);
  expect(after).toEqual({ ...before, 'scaler.scale': [32768], 'scaler.good_steps': [0], 'scaler.skipped': [1] });
  const next = await planted.run(feeds(4, image(9)));
  expect([value(next, 'skipped'), value(next, 'loss_scale')]).toEqual([0, 32768]);
  // The moments' correction counts the steps taken, so the other training's third step is the same one.
  await clean.run(feeds(3, image(9)));
  for (const name of planted.stateNames.filter((each) => !each.startsWith('scaler.'))) {
    const [got, expected] = [planted.readState(name).data as Float32Array, clean.readState(name).data as Float32Array];
    const apart = got.map((v, i) => Math.abs(v - (expected[i] as number)));
    expect(Math.max(...apart), name).toBeLessThan(1e-6);
  }
  await planted.close();
  await clean.close();
});

test('the scale doubles after 2000 good steps', async () => {
  const executable = await unetTraining('mixed');
  executable.writeState('scaler.scale', scalarValue(1024));
  executable.writeState('scaler.good_steps', scalarValue(1998));
  for (const step of [1, 2]) await executable.run(feeds(step));
  expect(executable.readState('scaler.scale').data).toEqual(Float32Array.of(2048));
  expect(executable.readState('scaler.good_steps').data).toEqual(Float32Array.of(0));
  await executable.close();
});

test('a run that overflows spoils its whole accumulated step, and no more', async () => {
  const executable = await unetTraining('mixed', { accumulate: 2 });
  await executable.run(feeds(1));
  await executable.run(feeds(1));
  const before = statesOf(executable);
  await executable.run(feeds(2, image(3, Number.NaN)));
  const result = await executable.run(feeds(2));
  expect(value(result, 'skipped')).toBe(1);
  expect(statesOf(executable)).toEqual({
    ...before,
    'scaler.scale': [32768],
    'scaler.good_steps': [0],
    'scaler.skipped': [1],
  });
  await executable.close();
});

test('running statistics do not take in a step that overflows', async () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const hidden = convolutionLayer(scope.child('conv'), $.input('x', SHAPE), { outChannels: 4, kernelSize: 3 });
  const loss = $.mean($.square(batchNorm(scope.child('norm'), hidden)));
  const program = trainingProgram({ loss, variables: variables(), optimizer: adamW(), precision: 'mixed' });
  const executable = await compile(program, { threads: 1 });
  for (const [name, first] of initialValues(variables(), 1)) executable.writeState(name, first);
  await executable.run(feeds(1));
  const before = executable.readState('norm.running_mean').data.slice();
  expect(before.some((mean) => Number(mean) !== 0)).toBe(true);
  await executable.run(feeds(2, image(2, Number.POSITIVE_INFINITY)));
  expect(executable.readState('norm.running_mean').data).toEqual(before);
  await executable.close();
});

/** In a process of its own, whose peak of memory is the training's. */
function measuredApart(kind: string): TrainingMemory {
  const source = new URL('../testing/training-memory.ts', import.meta.url).href;
  const script = `const { measureTraining } = await import('${source}');
    console.log(JSON.stringify(await measureTraining('${kind}')));`;
  return JSON.parse(spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout);
}

test('a step takes less memory in mixed precision', { timeout: 120_000 }, () => {
  const [plain, mixed] = [measuredApart('plain'), measuredApart('mixed')];
  expect(mixed.bytes / plain.bytes).toBeLessThan(0.75);
});
