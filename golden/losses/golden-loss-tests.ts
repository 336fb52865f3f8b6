import { ops as $, compile, elementCount, gradients, type Tensor, type TensorValue } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenNoise } from '../golden-weights.ts';
import { camelOptions } from '../networks/compare-network.ts';
import { type GoldenTensor, goldenValues, readGolden } from '../read-golden.ts';

export interface LossCase {
  readonly loss: Record<string, unknown>;
  /** numbers: class numbers in one channel; masks: 0 or 1 a channel; shares: [0, 1) a channel. */
  readonly target: 'numbers' | 'masks' | 'shares';
  readonly shape: readonly number[];
  readonly shapes?: readonly (readonly number[])[];
  readonly probabilities?: boolean;
}

/** What a loss is built from, and further feeds when the host prepares something. */
export interface LossInputs {
  readonly target: Tensor;
  readonly targetValue: TensorValue;
  readonly predictionValues: readonly TensorValue[];
  readonly feeds: Record<string, TensorValue>;
}

export type BuildLoss<Options> = (predictions: readonly Tensor[], inputs: LossInputs, options: Options) => Tensor;

const float = (shape: readonly number[], data: Float32Array): TensorValue => ({ shape, dtype: 'float32', data });

function predictionValue(shape: readonly number[], name: string, probabilities: boolean): TensorValue {
  const logits = goldenNoise(name, shape).map((x) => x * 3);
  return float(shape, probabilities ? logits.map((x) => (x / 3 + 1) / 2) : logits);
}

function targetValue(kind: LossCase['target'], shape: readonly number[]): TensorValue {
  if (kind === 'numbers') {
    const single = shape.with(1, 1);
    return float(
      single,
      goldenNoise('target', single).map((x) => Math.floor(((x + 1) / 2) * (shape[1] as number))),
    );
  }
  const values = goldenNoise('target', shape);
  return float(shape, kind === 'masks' ? values.map((x) => (x > 0.2 ? 1 : 0)) : values.map((x) => (x + 1) / 2));
}

/** Largest difference relative to the largest expected size. */
function errorOf(got: ArrayLike<number>, expected: GoldenTensor | undefined): number {
  const wanted = expected ? [...goldenValues(expected)] : [];
  if (got.length !== wanted.length) return Infinity;
  const scale = Math.max(...wanted.map(Math.abs), Number.MIN_VALUE);
  return Math.max(...wanted.map((value, i) => Math.abs(value - (got[i] as number)) / scale));
}

async function valueAndGradient<Options>(
  golden: LossCase,
  build: BuildLoss<Options>,
): Promise<{ value: Float32Array; gradient: Float32Array }> {
  const shapes = golden.shapes ?? [golden.shape];
  const names = shapes.map((_, i) => (golden.shapes ? `prediction.${i}` : 'prediction'));
  const predictionValues = shapes.map((shape, i) =>
    predictionValue(shape, names[i] as string, golden.probabilities ?? false),
  );
  const wanted = targetValue(golden.target, shapes[0] as readonly number[]);
  const predictions = shapes.map((shape, i) => $.input(names[i] as string, shape));
  const feeds: Record<string, TensorValue> = { target: wanted };
  for (const [i, value] of predictionValues.entries()) feeds[names[i] as string] = value;
  const inputs = { target: $.input('target', wanted.shape), targetValue: wanted, predictionValues, feeds };
  const value = build(predictions, inputs, camelOptions(golden.loss) as Options);
  const direction = $.constant(goldenNoise('value', [elementCount(value.shape)]), value.shape);
  const slopes = gradients($.reshape($.sum($.mul(value, direction)), []), predictions);
  const program = await compile(
    { outputs: { value, ...Object.fromEntries(slopes.map((g, i) => [`g${i}`, g])) }, states: {} },
    { threads: 1 },
  );
  const result = await program.run(feeds);
  await program.close();
  const floats = (name: string): Float32Array => result[name]?.data as Float32Array;
  return { value: floats('value'), gradient: Float32Array.from(slopes.flatMap((_, i) => [...floats(`g${i}`)])) };
}

/** One test a case of `golden/losses/<file>.json`: value and gradient by every prediction. */
export function goldenLossTests<Options>(file: string, build: BuildLoss<Options>): void {
  const { cases, parity, tolerance } = readGolden(`losses/${file}`);
  for (const golden of cases) {
    test(`equals ${parity}: ${golden.name}`, async () => {
      const got = await valueAndGradient(golden.options as unknown as LossCase, build);
      const errors = [errorOf(got.value, golden.expected['value']), errorOf(got.gradient, golden.expected['gradient'])];
      if (process.env['SHOW_ERRORS']) process.stdout.write(`${file} ${golden.name}: ${JSON.stringify(errors)}\n`);
      expect(Math.max(...errors)).toBeLessThan(tolerance);
    });
  }
}
