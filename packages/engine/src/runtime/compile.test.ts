import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { convolutionLayer, instanceNorm } from '../nn/layers.ts';
import { createNetworkBuilder } from '../nn/scope.ts';
import type { OnnxNode } from '../onnx/format/onnx-model.ts';
import * as $ from '../ops/operations.ts';
import { adamW } from '../optimizers/adam.ts';
import { initialValues, trainingProgram } from '../optimizers/training-program.ts';
import { noise } from '../testing/check-gradients.ts';
import type { Backend } from './backend.ts';
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

test('parameter updates are the same whatever the order of the nodes', async () => {
  const losses = await train(await smallTraining(), 8);
  for (const seed of [1, 2, 3, 4, 5]) {
    const other = await train(await smallTraining({ arrange: shuffled(seed) }), 8);
    for (const [i, loss] of losses.entries()) expect(Math.abs((other[i] as number) - loss)).toBeLessThan(1e-5 * loss);
  }
});

test('a backend that this installation lacks is named, with what it needs', async () => {
  const y = $.add($.input('x', [2]), 1);
  const missing = (backend: Backend) => expect(compile({ outputs: { y }, states: {} }, { backend })).rejects;
  await missing('cuda').toThrow(
    /^BACKEND_MISSING: backend cuda, got .*, expected the provider libraries of onnxruntime's own GPU package/,
  );
  await missing('tensorrt').toThrow(/^BACKEND_MISSING: backend tensorrt, got .*GPU package/);
  await missing('wasm').toThrow('BACKEND_MISSING: backend wasm, got Node, expected cpu, webgpu, cuda, tensorrt');
});

test('a missing backend is said once, by the error: the runtime prints nothing', () => {
  const program = `import { compile, ops } from ${JSON.stringify(import.meta.resolve('../index.ts'))};
    const y = ops.add(ops.input('x', [2]), 1);
    await compile({ outputs: { y }, states: {} }, { backend: 'cuda' }).catch((error) => console.log(error.code));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'BACKEND_MISSING\n', stderr: '' });
});
