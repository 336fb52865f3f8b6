import {
  ops as $,
  compile,
  createNetworkBuilder,
  gradients,
  initialValues,
  type Scope,
  type Tensor,
  type Variable,
} from '@vesalius/engine';
import { goldenNoise, goldenWeight } from '../golden-weights.ts';
import { type GoldenCase, goldenValues, relativeError } from '../read-golden.ts';

export interface NetworkCase {
  /** Options under the original's names. */
  readonly network: Record<string, unknown>;
  readonly inputShape: readonly number[];
  readonly training: boolean;
  readonly outputShapes: readonly (readonly number[])[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly buffers: Readonly<Record<string, readonly number[]>>;
  readonly parameterCount: number;
  /** What the original declares and its result does not depend on. */
  readonly unusedParameters: readonly string[];
  /** What is never trained and keeps its first value. */
  readonly fixed: readonly string[];
}

export const networkCase = (golden: GoldenCase): NetworkCase => golden.options as unknown as NetworkCase;

/** Options under the original's names as ours: camel case, and `[name, options]` pairs as one record. */
export function camelOptions(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [name, options] = value;
    if (value.length === 2 && typeof name === 'string' && typeof options === 'object')
      return { name, ...(camelOptions(options) as object) };
    return value.map(camelOptions);
  }
  if (typeof value !== 'object' || value === null) return value;
  const camel = (key: string): string => key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camel(key), camelOptions(inner)]));
}

export interface NetworkComparison {
  /** Names and shapes of ours, in the order of their names. */
  readonly parameters: Record<string, readonly number[]>;
  readonly buffers: Record<string, readonly number[]>;
  readonly outputShapes: readonly (readonly number[])[];
  /** Largest relative errors; a gradient's is by its norm, or a twentieth of the largest norm where that is more. */
  readonly outputError: number;
  readonly gradientError: number;
  readonly bufferError: number;
}

/** Runs our network on the case's input and weights, and compares forward, backward and running statistics. */
export async function compareNetwork(
  golden: GoldenCase,
  build: (scope: Scope, x: Tensor) => readonly Tensor[],
): Promise<NetworkComparison> {
  const { inputShape, training, fixed } = networkCase(golden);
  const builder = createNetworkBuilder({ training });
  const x = $.input('input', inputShape);
  const outputs = build(builder.scope, x);
  const parts = outputs.map((y, i) => $.mean($.mul(y, $.constant(goldenNoise(`output.${i}`, y.shape), y.shape))));
  const loss = parts.map((part) => $.reshape(part, [])).reduce((a, b) => $.add(a, b));
  const trained = builder.variables().filter(({ trainable }) => trainable);
  const kept = builder.variables().filter(({ trainable }) => !trainable);
  const computed = await evaluate({ loss, x, outputs, trained, kept, fixed });
  return {
    parameters: shapes(trained),
    buffers: shapes(kept),
    outputShapes: outputs.map(({ shape }) => shape),
    outputError: outputError(golden, computed, outputs.length),
    gradientError: gradientError(golden, computed, trained),
    bufferError: tableError(
      golden,
      'buffers',
      kept.map(({ name }) => [name, computed(`buffer/${name}`)]),
    ),
  };
}

interface Evaluated {
  readonly loss: Tensor;
  readonly x: Tensor;
  readonly outputs: readonly Tensor[];
  readonly trained: readonly Variable[];
  readonly kept: readonly Variable[];
  readonly fixed: readonly string[];
}

type Computed = (name: string) => Float32Array;

async function evaluate({ loss, x, outputs, trained, kept, fixed }: Evaluated): Promise<Computed> {
  const [dx, ...slopes] = gradients(loss, [x, ...trained.map(({ tensor }) => tensor)]);
  const program = await compile(
    {
      outputs: {
        loss,
        dx: dx as Tensor,
        ...Object.fromEntries(outputs.map((y, i) => [`output.${i}`, y])),
        ...Object.fromEntries(trained.map(({ name }, i) => [`gradient/${name}`, slopes[i] as Tensor])),
      },
      states: Object.fromEntries(
        [...trained, ...kept].map(({ name, tensor, next }) => [name, { current: tensor, ...(next && { next }) }]),
      ),
    },
    { threads: 1 },
  );
  for (const [name, first] of initialValues([...trained, ...kept], 0)) {
    const value = fixed.includes(name) ? first : { ...first, data: goldenWeight(name, first.shape) };
    program.writeState(name, value);
  }
  const values = await program.run({
    input: { shape: x.shape, dtype: 'float32', data: goldenNoise('input', x.shape) },
  });
  const states = new Map(
    kept.map(({ name }) => [`buffer/${name}`, Float32Array.from(program.readState(name).data as Float32Array)]),
  );
  await program.close();
  return (name) => states.get(name) ?? (values[name]?.data as Float32Array);
}

function shapes(variables: readonly Variable[]): Record<string, readonly number[]> {
  return Object.fromEntries(
    variables.map(({ name, tensor }) => [name, tensor.shape] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Norm, and projections on two noises. */
function summary(values: Float32Array, name: string): number[] {
  const dot = (other: ArrayLike<number>): number =>
    values.reduce((sum, value, i) => sum + value * (other[i] as number), 0);
  return [Math.sqrt(dot(values)), ...['a', 'b'].map((side) => dot(goldenNoise(`${side}/${name}`, [values.length])))];
}

const rows = (values: ArrayLike<number>): number[][] =>
  Array.from({ length: values.length / 3 }, (_, i) => [0, 1, 2].map((k) => values[3 * i + k] as number));

/** Largest difference in a row of a summary, relative to its norm or the floor. */
function rowError(got: readonly number[], expected: readonly number[], floor = 0): number {
  const scale = Math.max(expected[0] as number, floor, Number.MIN_VALUE);
  return Math.max(...got.map((value, k) => Math.abs(value - (expected[k] as number)) / scale));
}

function outputError({ expected }: GoldenCase, computed: Computed, count: number): number {
  const table = rows(goldenValues(expected['outputs'] as never));
  const errors = table.map((row, i) => rowError(summary(computed(`output.${i}`), `output.${i}`), row));
  if (table.length !== count) return Infinity;
  const whole = expected['output'] ? relativeError(computed('output.0'), goldenValues(expected['output'])) : 0;
  return Math.max(...errors, whole, relativeError(computed('loss'), goldenValues(expected['loss'] as never)));
}

function gradientError(golden: GoldenCase, computed: Computed, trained: readonly Variable[]): number {
  const slopes = trained.map(({ name }) => [name, computed(`gradient/${name}`)] as const);
  const input = rowError(summary(computed('dx'), 'input'), [
    ...goldenValues(golden.expected['inputGradient'] as never),
  ]);
  return Math.max(input, tableError(golden, 'gradients', slopes));
}

function tableError(
  golden: GoldenCase,
  table: 'gradients' | 'buffers',
  got: readonly (readonly [string, Float32Array])[],
): number {
  if (got.length === 0) return 0;
  const names = Object.keys(networkCase(golden)[table === 'gradients' ? 'parameters' : 'buffers']);
  const expected = rows(goldenValues(golden.expected[table] as never));
  const floor = 0.05 * Math.max(...expected.map((row) => row[0] as number));
  return Math.max(
    ...got.map(([name, values]) => rowError(summary(values, name), expected[names.indexOf(name)] ?? [], floor)),
  );
}
