import { VesaliusError } from '@vesalius/errors';
import type { DType, TensorData } from '../graph/dtype.ts';
import { elementCount } from '../graph/shape.ts';
import { convolutionLayer, instanceNorm } from '../nn/layers.ts';
import { createNetworkBuilder } from '../nn/scope.ts';
import * as $ from '../ops/operations.ts';
import { adamW } from '../optimizers/adam.ts';
import { initialValues, trainingProgram } from '../optimizers/training-program.ts';
import { type CompileOptions, compile, type Executable, type Program } from '../runtime/compile.ts';
import { openOnnx } from '../runtime/session.ts';
import { emptyValue, scalarValue, type TensorValue } from '../runtime/tensor-value.ts';
import { noise } from './check-gradients.ts';

/** One thing that holds on every runtime. It throws where the runtime breaks it. */
export interface RuntimeCheck {
  readonly name: string;
  run(options: CompileOptions): Promise<void>;
}

/** What the engine promises of `compile` and `openOnnx`, whichever runtime is below; in Node and in a browser tab. */
export const RUNTIME_CONTRACT: readonly RuntimeCheck[] = [
  {
    name: 'states move on with each run, and outputs see the value before',
    run: async (options) => {
      const executable = await compile(counter(), options);
      const seen: number[] = [];
      for (let i = 0; i < 5; i++) seen.push(first(await executable.run({}), 'twice'));
      same('outputs', seen, [0, 2, 4, 6, 8]);
      same('state', executable.readState('count').data, [5]);
      same('state without a next value', executable.readState('fixed').data, [0]);
      await executable.close();
    },
  },
  {
    name: 'a state written is the one the next run reads, and keeps its own memory',
    run: async (options) => {
      const executable = await compile(counter(), options);
      await executable.run({});
      const written = { shape: [], dtype: 'float32', data: Float32Array.of(40) } as const;
      executable.writeState('count', written);
      executable.writeState('fixed', scalarValue(2));
      same('output', first(await executable.run({}), 'twice'), 80);
      await executable.run({});
      same('state', executable.readState('count').data, [42]);
      same('what was written', written.data, [40]);
      await executable.close();
    },
  },
  {
    name: 'what was read after a run stays through the next one',
    run: async (options) => {
      const executable = await compile(counter(), options);
      await executable.run({});
      const after = executable.readState('count').data;
      await executable.run({});
      same('state read before', after, [1]);
      await executable.close();
    },
  },
  {
    name: 'training repeats to the bit, and goes on from saved states as if it had not stopped',
    run: async (options) => {
      const [whole, again] = [await smallTraining(options), await smallTraining(options)];
      const losses = await train(whole, 4);
      same('losses again', await train(again, 4), losses);
      const saved = whole.stateNames.map((name) => [name, structuredClone(whole.readState(name))] as const);
      const expected = await train(whole, 4);
      if (!((expected.at(-1) as number) < (losses[0] as number)))
        fail('last loss', expected.at(-1), `below ${losses[0]}`);
      const resumed = await smallTraining(options);
      for (const [name, value] of saved) resumed.writeState(name, value);
      same('losses resumed', await train(resumed, 4), expected);
      for (const name of whole.stateNames) same(name, resumed.readState(name).data, whole.readState(name).data);
      for (const each of [whole, again, resumed]) await each.close();
    },
  },
  {
    name: 'feeds of another shape, type or name are refused',
    run: async (options) => {
      const executable = await compile({ outputs: { y: $.add($.input('x', [2]), 1) }, states: {} }, options);
      const x = value('float32', [2], Float32Array.of(1, 2));
      await refuses('INVALID_ARGUMENT', () => executable.run({}));
      await refuses('SHAPE_MISMATCH', () => executable.run({ x: { ...x, shape: [2, 1] } }));
      await refuses('DTYPE_MISMATCH', () => executable.run({ x: value('float64', [2], Float64Array.of(1, 2)) }));
      await refuses('INVALID_ARGUMENT', async () => executable.writeState('x', x));
      same('after refusals', (await executable.run({ x }))['y']?.data ?? [], [2, 3]);
      await executable.close();
    },
  },
  {
    name: 'a second run during the first is refused, and the first ends well',
    run: async (options) => {
      const executable = await compile(counter(), options);
      const running = executable.run({});
      await refuses('INVALID_ARGUMENT', () => executable.run({}));
      same('first run', first(await running, 'twice'), 0);
      await executable.close();
    },
  },
  {
    name: 'an output that is an input, and one value under two names, come back',
    run: async (options) => {
      const x = $.input('x', [2]);
      const y = $.add(x, 1);
      const executable = await compile({ outputs: { x_again: x, y, y_again: y }, states: {} }, options);
      const result = await executable.run({ x: value('float32', [2], Float32Array.of(1, 2)) });
      same('names', Object.keys(result).join(), 'x_again,y,y_again');
      same(
        'values',
        Object.values(result).flatMap(({ data }) => Array.from(data, Number)),
        [1, 2, 2, 3, 2, 3],
      );
      await executable.close();
    },
  },
  {
    name: 'every element type goes in and comes out with its bits, as feed, output and state',
    run: async (options) => {
      for (const each of SAMPLES) await passesThrough(each, options);
    },
  },
  {
    name: 'double precision and 64-bit whole numbers are computed as such',
    run: async (options) => {
      const [a, b] = [$.input('a', [1], 'float64'), $.input('b', [1], 'int64')];
      const executable = await compile(
        { outputs: { double: $.add(a, 1e-12), whole: $.add(b, 1) }, states: {} },
        options,
      );
      const feeds = {
        a: value('float64', [1], Float64Array.of(1)),
        b: value('int64', [1], BigInt64Array.of(2n ** 53n)),
      };
      const result = await executable.run(feeds);
      same('float64', result['double']?.data ?? [], [1 + 1e-12]);
      same('int64', result['whole']?.data ?? [], [2n ** 53n + 1n]);
      await executable.close();
    },
  },
  {
    name: 'a tensor of 64 MiB goes through, as feed, state and output',
    run: async (options) => {
      const shape = [4, 2048, 2048];
      const [x, current] = [$.input('x', shape), $.input('s', shape)];
      const next = $.add(current, x);
      const executable = await compile({ outputs: { next }, states: { s: { current, next } } }, options);
      const fed = value('float32', shape, new Float32Array(elementCount(shape)).fill(0.5));
      await executable.run({ x: fed });
      const result = await executable.run({ x: fed });
      same('last element', [result['next']?.data.at(-1), executable.readState('s').data.at(-1)], [1, 1]);
      await executable.close();
    },
  },
  {
    name: 'a compiled graph opens as a plain ONNX model; bytes that are none are refused',
    run: async (options) => {
      const executable = await compile(counter(), options);
      const session = await openOnnx(executable.onnx, options);
      same('inputs', session.inputNames.join(), 'count');
      same('output', first(await session.run({ count: scalarValue(3) }), 'twice'), 6);
      await session.close();
      await executable.close();
      await refuses('RUNTIME_FAILED', () => openOnnx(Uint8Array.of(1, 2, 3, 4), options));
    },
  },
];

/** One state that counts runs, and one that stays. */
function counter(): Program {
  const [count, fixed] = [$.input('count', []), $.input('fixed', [])];
  return {
    outputs: { twice: $.mul(count, 2) },
    states: { count: { current: count, next: $.add(count, 1) }, fixed: { current: fixed } },
  };
}

const SHAPE = [2, 1, 12, 12];

async function smallTraining(options: CompileOptions): Promise<Executable> {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const x = $.input('x', SHAPE);
  const layer = { kernelSize: 3, padding: 1 };
  const hidden = convolutionLayer(scope.child('a'), x, { ...layer, outChannels: 4 });
  const y = convolutionLayer(scope.child('b'), $.relu(instanceNorm(scope.child('norm'), hidden)), {
    ...layer,
    outChannels: 1,
  });
  const loss = $.mean($.square($.sub(y, $.square(x))));
  const optimizer = adamW();
  const executable = await compile(
    trainingProgram({ loss, variables: variables(), optimizer, emaDecay: 0.9 }),
    options,
  );
  for (const [name, initial] of initialValues(variables(), 1)) executable.writeState(name, initial);
  return executable;
}

async function train(executable: Executable, steps: number): Promise<number[]> {
  const losses: number[] = [];
  const x = value('float32', SHAPE, Float32Array.from(noise(SHAPE, 3)));
  for (let step = 1; step <= steps; step++) {
    losses.push(first(await executable.run({ x, learning_rate: scalarValue(0.01), step: scalarValue(step) }), 'loss'));
  }
  return losses;
}

const SAMPLES: readonly TensorValue[] = [
  value('float32', [3], Float32Array.of(1.5, -0, 1e-40)),
  value('float64', [2], Float64Array.of(Math.PI, 1e300)),
  value('float16', [3], Uint16Array.of(0x3c00, 0xc000, 0x0001)),
  value('int64', [2], BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n)),
  value('int32', [2], Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
  value('uint8', [2, 2], Uint8Array.of(0, 1, 128, 255)),
  value('bool', [2], Uint8Array.of(1, 0)),
  value('float32', [], Float32Array.of(7)),
  value('float32', [2, 0], new Float32Array()),
];

/** A state takes on the feed, so each run gives the feed of the run before as well. */
async function passesThrough(fed: TensorValue, options: CompileOptions): Promise<void> {
  const what = `${fed.dtype} [${fed.shape.join()}]`;
  const x = $.input('x', fed.shape, fed.dtype);
  const current = $.input('s', fed.shape, fed.dtype);
  const executable = await compile(
    { outputs: { after: x, before: current }, states: { s: { current, next: x } } },
    options,
  );
  const empty = emptyValue(fed);
  for (const before of [empty, fed]) {
    const result = await executable.run({ x: fed });
    same(`${what}: type`, result['after']?.dtype, fed.dtype);
    same(`${what}: shape`, result['after']?.shape ?? [], fed.shape);
    same(`${what}: output`, bytesOf(result['after']), bytesOf(fed));
    same(`${what}: state before`, bytesOf(result['before']), bytesOf(before));
    same(`${what}: state`, bytesOf(executable.readState('s')), bytesOf(fed));
  }
  await executable.close();
}

function value(dtype: DType, shape: readonly number[], data: TensorData): TensorValue {
  return { dtype, shape, data };
}

function bytesOf(tensor: TensorValue | undefined): Uint8Array {
  return tensor ? new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength) : new Uint8Array();
}

const first = (outputs: Record<string, TensorValue>, name: string): number => Number(outputs[name]?.data[0]);

function same(what: string, got: unknown, expected: unknown): void {
  const listed = (each: unknown): unknown => (ArrayBuffer.isView(each) ? Array.from(each as Float32Array) : each);
  if (String(listed(got)) !== String(listed(expected))) fail(what, got, expected);
}

function fail(what: string, got: unknown, expected: unknown): never {
  throw new VesaliusError('RUNTIME_FAILED', { what, got, expected });
}

async function refuses(code: string, act: () => Promise<unknown>): Promise<void> {
  const outcome = await act().then(
    () => 'success',
    (error) => (error instanceof VesaliusError ? error.code : String(error)),
  );
  same('refusal', outcome, code);
}
