import {
  ops as $,
  compile,
  createNetworkBuilder,
  gradients,
  type Scope,
  type Tensor,
  type TensorValue,
} from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenNoise } from '../golden-weights.ts';
import { camelOptions } from '../networks/compare-network.ts';
import { type GoldenCase, goldenValues, readGolden, relativeError } from '../read-golden.ts';

/** What an operation is built from: its inputs by name, and a scope whose parameters are inputs too. */
export interface OperationInputs {
  readonly inputs: Record<string, Tensor>;
  readonly scope: Scope;
  readonly name: string;
  readonly options: Record<string, unknown>;
  /** The original's keyword arguments, in camel case. */
  readonly arguments: Record<string, unknown>;
}

export type BuildOperation = (operation: OperationInputs) => Tensor;

/** One test a case of `golden/operations/<file>.json`: the value, its gradient by every input, and what buffers are left at. */
export function goldenOperationTests(file: string, build: BuildOperation): void {
  const { cases, parity, tolerance } = readGolden(`operations/${file}`);
  test.each(cases)(`equals ${parity}: $name`, async (golden) => {
    const got = await evaluate(golden, build);
    for (const [name, expected] of Object.entries(golden.expected)) {
      expect(relativeError(got(name), goldenValues(expected)), name).toBeLessThan(tolerance);
    }
  });
}

/** First value of a running variance stays positive. */
const firstBuffer = (name: string, shape: readonly number[]): Float32Array =>
  goldenNoise(name, shape).map((value) => (name === 'running_var' ? value + 1.5 : value));

async function evaluate({ name, options }: GoldenCase, build: BuildOperation): Promise<(name: string) => Float32Array> {
  const shapes = options['shapes'] as Record<string, number[]>;
  const builder = createNetworkBuilder({ training: options['training'] !== false });
  const declared = Object.entries(shapes).map(([input, shape]) => [input, $.input(input, shape)] as const);
  const named = camelOptions(options['arguments'] ?? {}) as Record<string, unknown>;
  const value = build({ inputs: Object.fromEntries(declared), scope: builder.scope, name, options, arguments: named });
  const parameters = new Map(builder.variables().map((variable) => [variable.name, variable.tensor]));
  const inputs = declared.map(([input, tensor]) => [input, parameters.get(input) ?? tensor] as const);
  const loss = $.reshape($.sum($.mul(value, $.constant(goldenNoise('result', value.shape), value.shape))), []);
  const slopes = gradients(
    loss,
    inputs.map(([, tensor]) => tensor),
  );
  const buffers = builder.variables().filter(({ trainable }) => !trainable);
  const program = await compile(
    {
      outputs: {
        result: value,
        ...Object.fromEntries(inputs.map(([input], i) => [`gradient.${input}`, slopes[i] as Tensor])),
      },
      states: Object.fromEntries(
        buffers.map(({ name: buffer, tensor, next }) => [buffer, { current: tensor, ...(next && { next }) }]),
      ),
    },
    { threads: 1 },
  );
  for (const {
    name: buffer,
    tensor: { shape },
  } of buffers)
    program.writeState(buffer, { shape, dtype: 'float32', data: firstBuffer(buffer, shape) as never });
  const result = await program.run(
    Object.fromEntries(Object.entries(shapes).map(([input, shape]) => [input, inputValue(input, shape)])),
  );
  const kept = new Map(
    buffers.map(({ name: buffer }) => [buffer, Float32Array.from(program.readState(buffer).data as Float32Array)]),
  );
  await program.close();
  return (wanted) => kept.get(wanted) ?? (result[wanted]?.data as Float32Array);
}

function inputValue(name: string, shape: readonly number[]): TensorValue {
  return { shape, dtype: 'float32', data: goldenNoise(name, shape).map((value) => 2 * value) };
}
