import { gradients } from '../autodiff/gradients.ts';
import { elementCount, type Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import * as $ from '../ops/operations.ts';
import { type CompileOptions, compile } from '../runtime/compile.ts';
import { scalarValue, type TensorValue } from '../runtime/tensor-value.ts';

export interface GradientCheckOptions extends Pick<CompileOptions, 'target'> {
  /** float32 for operations the runtime has in single precision only. */
  readonly dtype?: 'float32' | 'float64';
  /** Step of the central difference. Exact for bilinear operations, where a large one rounds least. */
  readonly epsilon?: number;
  /** Where the inputs lie: (-1, 1) by default. */
  readonly between?: readonly [number, number];
}

export interface GradientCheck {
  /** Difference between derivative and central difference, relative to the larger of the derivative and 0.001. */
  readonly error: number;
  readonly derivative: number;
}

/**
 * Differentiates a random projection of `build` along a random direction through all its inputs, and compares with the
 * central difference along it: once for the gradient, once for the gradient of that derivative.
 */
export async function checkGradients(
  shapes: readonly Shape[],
  build: (inputs: readonly Tensor[]) => Tensor,
  { dtype = 'float64', epsilon = 1e-5, between: [low, high] = [-1, 1], ...compileOptions }: GradientCheckOptions = {},
): Promise<{ first: GradientCheck; second: GradientCheck }> {
  const noiseTensor = (shape: Shape, seed: number): Tensor => $.constant(noise(shape, seed), shape, dtype);
  const step = $.input('step', [], dtype);
  const moved = shapes.map((shape, i) => {
    const start = $.add($.mul(noiseTensor(shape, i + 1), (high - low) / 2), (high + low) / 2);
    return $.add(start, $.mul(noiseTensor(shape, 100 + i), step));
  });
  const y = build(moved);
  const value = $.reshape($.sum($.mul(y, noiseTensor(y.shape, 7))), []);
  const [derivative] = gradients(value, [step]) as [Tensor];
  const [second] = gradients(derivative, [step]) as [Tensor];
  const program = await compile(
    { outputs: { value, derivative, second }, states: {} },
    { threads: 1, ...compileOptions },
  );
  const at = (t: number): Promise<Record<string, TensorValue>> => program.run({ step: scalarValue(t, dtype) });
  const [here, ahead, behind] = [await at(0), await at(epsilon), await at(-epsilon)];
  await program.close();
  const compare = (derivativeName: string, valueName: string): GradientCheck => {
    const exact = first(here[derivativeName]);
    const difference = (first(ahead[valueName]) - first(behind[valueName])) / (2 * epsilon);
    return { error: Math.abs(exact - difference) / Math.max(1e-3, Math.abs(exact)), derivative: exact };
  };
  return { first: compare('derivative', 'value'), second: compare('second', 'derivative') };
}

const first = (value: TensorValue | undefined): number => Number(value?.data[0]);

/** Numbers in (-1, 1) without a pattern that an operation could cancel. */
export function noise(shape: Shape, seed: number): Float64Array {
  let state = (seed * 2654435761) >>> 0;
  return Float64Array.from({ length: elementCount(shape) }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}
