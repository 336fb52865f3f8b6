import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import {
  ops as $,
  checkpoint,
  compile,
  convolutionLayer,
  createNetworkBuilder,
  dropout,
  gradients,
  groupNorm,
  initialValues,
  type Scope,
  scalarValue,
  type Tensor,
  type TensorValue,
} from '../index.ts';
import { checkGradients, noise } from '../testing/check-gradients.ts';
import type { TrainingMemory } from '../testing/training-memory.ts';

const SHAPE = [2, 8, 12, 12];

type Part = (build: (x: Tensor) => Tensor, x: Tensor) => Tensor;
const kept: Part = (build, x) => build(x);
const again: Part = (build, x) => checkpoint(build, [x]);

function block(scope: Scope, x: Tensor, share: number): Tensor {
  const y = convolutionLayer(scope.child('conv'), x, { outChannels: 8, kernelSize: 3, padding: 1 });
  return dropout(scope, $.leakyRelu(groupNorm(scope.child('norm'), y, 4)), share);
}

/** Loss and gradients of a network of two parts, the second with a part inside and a skip connection. */
async function backward(part: Part, share = 0): Promise<Record<string, TensorValue>> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const x = $.input('x', SHAPE);
  const first = part((h) => block(scope.child('a'), h, share), x);
  const inner: Part = (build, h) => part(build, h);
  const second = part(
    (h) =>
      $.add(
        inner((g) => block(scope.child('b'), g, share), $.mul(h, 2)),
        h,
      ),
    first,
  );
  const loss = $.reshape($.mean($.square($.sub(second, first))), []);
  const parameters = variables();
  const found = gradients(loss, [x, ...parameters.map(({ tensor }) => tensor)]);
  const named = parameters.map(({ name }, i) => [`d.${name}`, found[i + 1] as Tensor] as const);
  const states = Object.fromEntries(parameters.map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile(
    { outputs: { loss, 'd.x': found[0] as Tensor, ...Object.fromEntries(named) }, states },
    { threads: 1 },
  );
  for (const [name, value] of initialValues(parameters, 1)) program.writeState(name, value);
  const fed = { shape: SHAPE, dtype: 'float32', data: Float32Array.from(noise(SHAPE, 3)) } as const;
  const result = await program.run({ x: fed, ...(share > 0 ? { random_key: scalarValue(5, 'int64') } : {}) });
  await program.close();
  return result;
}

function largestDifference(got: Record<string, TensorValue>, expected: Record<string, TensorValue>): number {
  const differences = Object.entries(expected).flatMap(([name, value]) => {
    const numbers = Array.from(value.data as Float32Array);
    const largest = Math.max(...numbers.map(Math.abs));
    return numbers.map((number, i) => Math.abs(Number(got[name]?.data[i]) - number) / Math.max(1e-6, largest));
  });
  return Math.max(...differences);
}

test('gradients by input and parameters are those of the network whose values are kept', async () => {
  const [got, expected] = [await backward(again), await backward(kept)];
  expect(Object.keys(got)).toHaveLength(10);
  expect(largestDifference(got, expected)).toBeLessThan(1e-6);
});

test('dropout drops the same elements when a part is computed again', async () => {
  const [got, expected] = [await backward(again, 0.5), await backward(kept, 0.5)];
  expect(largestDifference(got, expected)).toBeLessThan(1e-6);
});

test('gradients of gradients go through a part computed again', async () => {
  const part = (x: Tensor): Tensor => $.tanh($.mul($.sin(x), x));
  const { first, second } = await checkGradients([[3, 4]], ([x]) => $.exp(checkpoint(part, [x as Tensor])));
  expect(first.error).toBeLessThan(1e-6);
  expect(second.error).toBeLessThan(1e-6);
  expect(Math.abs(second.derivative)).toBeGreaterThan(1e-3);
});

/** In a process of its own, whose peak of memory is the training's. */
function measuredApart(kind: string): TrainingMemory {
  const source = new URL('../testing/training-memory.ts', import.meta.url).href;
  const script = `const { measureTraining } = await import('${source}');
    console.log(JSON.stringify(await measureTraining('${kind}')));`;
  return JSON.parse(spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout);
}

test('computing parts again halves the memory of a step', { timeout: 120_000 }, () => {
  const [plain, checkpointed] = [measuredApart('plain'), measuredApart('checkpointed')];
  expect(checkpointed.losses).toEqual(plain.losses);
  expect(checkpointed.bytes / plain.bytes).toBeLessThan(0.65);
});
