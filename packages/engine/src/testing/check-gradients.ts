import { gradients } from '../autodiff/gradients.ts';
import { elementCount } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import * as $ from '../ops/operations.ts';
import { compile } from '../runtime/compile.ts';
import { scalarValue, type TensorValue } from '../runtime/tensor-value.ts';

export interface GradientCheck {
  /** Largest difference between the derivative along a random direction and its central difference, relative to the derivative's size. */
  readonly error: number;
  readonly derivative: number;
}

/**
 * Compares the gradient of a random projection of `build` with central differences in float64, along one random
 * direction an input, all at once.
 *
 * @param values - float64 data of each input; integers and masks belong inside `build`
 */
export async function checkGradients(
  values: readonly TensorValue[],
  build: (inputs: readonly Tensor[]) => Tensor,
  { epsilon = 1e-5 } = {},
): Promise<GradientCheck> {
  const sources = values.map(({ shape }, i) => $.input(`x${i}`, shape, 'float64'));
  const directions = values.map(({ shape }, i) => noise(shape, 100 + i));
  const step = $.input('step', [], 'float64');
  const moved = sources.map((x, i) => $.add(x, $.mul($.constant(directions[i] as Float64Array, x.shape, 'float64'), step)));
  const y = build(moved);
  const projected = $.sum($.mul(y, $.constant(noise(y.shape, 7), y.shape, 'float64')));
  const [derivative] = gradients(projected, [step]) as [Tensor];
  const program = await compile({ outputs: { value: projected, derivative }, states: {} }, { threads: 1 });
  const at = async (t: number): Promise<Record<string, TensorValue>> =>
    program.run({ ...Object.fromEntries(values.map((value, i) => [`x${i}`, value])), step: scalarValue(t, 'float64') });
  const [here, ahead, behind] = [await at(0), await at(epsilon), await at(-epsilon)];
  await program.close();
  const exact = first(here['derivative']);
  const difference = (first(ahead['value']) - first(behind['value'])) / (2 * epsilon);
  return { error: Math.abs(exact - difference) / Math.max(1e-3, Math.abs(exact)), derivative: exact };
}

const first = (value: TensorValue | undefined): number => Number(value?.data[0]);

/** Numbers in (-1, 1) without a pattern that an operation could cancel. */
export function noise(shape: readonly number[], seed: number): Float64Array {
  let state = (seed * 2654435761) >>> 0;
  return Float64Array.from({ length: elementCount(shape) }, () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1;
  });
}
