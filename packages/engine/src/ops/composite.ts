import type { Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import { applyOne } from './apply-op.ts';
import {
  add,
  div,
  elementwiseRules,
  exp,
  greater,
  log,
  maximum,
  minimum,
  mul,
  sigmoid,
  sub,
  tanh,
} from './elementwise.ts';
import { matMul } from './linear-algebra.ts';
import { softmax } from './normalization.ts';
import { max, sum } from './reduction.ts';
import { stopGradient, where } from './selection.ts';
import { broadcastTo } from './shaping.ts';
import { constant } from './source.ts';

export const square = (x: Tensor): Tensor => mul(x, x);

export const zerosLike = (x: Tensor): Tensor => filled(0, x);
export const onesLike = (x: Tensor): Tensor => filled(1, x);

function filled(value: number, { shape, dtype }: { shape: Shape; dtype: Tensor['dtype'] }): Tensor {
  return broadcastTo(constant([value], [], dtype), shape);
}

export function clip(x: Tensor, lowest: number, highest: number): Tensor {
  return minimum(maximum(x, lowest), highest);
}

export function elu(x: Tensor, alpha = 1): Tensor {
  return where(greater(x, 0), x, mul(sub(exp(minimum(x, 0)), 1), alpha));
}

/** x sigmoid(x), also called swish. */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/** Density of the standard normal distribution. */
export function normalDensity(x: Tensor): Tensor {
  return exp(sub(-Math.log(2 * Math.PI) / 2, square(mul(x, Math.SQRT1_2))));
}

/** Exact by the error function, or by the tangent's approximation. @source Hendrycks and Gimpel 2016 */
export function gelu(x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor {
  if (approximate === 'none') return applyOne('gelu', elementwiseRules.gelu, [x]);
  const inner = mul(add(x, mul(mul(square(x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/** ReLU6(x + 3) / 6. @source Howard et al. 2019, MobileNetV3 */
export const hardSigmoid = (x: Tensor): Tensor => div(clip(add(x, 3), 0, 6), 6);
export const hardSwish = (x: Tensor): Tensor => mul(x, hardSigmoid(x));

/** log(sum(exp(x))) over the axes, which keep size 1. */
export function logSumExp(x: Tensor, axes: readonly number[]): Tensor {
  const highest = stopGradient(max(x, axes));
  return add(log(sum(exp(sub(x, highest)), axes)), highest);
}

export interface AttentionOptions {
  /** 1 / sqrt(key size) by default. */
  readonly scale?: number;
  /** Added to the scores before the softmax; broadcasts to `[B, H, Q, K]`. */
  readonly bias?: Tensor;
}

/**
 * Scaled dot-product attention.
 *
 * @param query - `[B, H, Q, D]`
 * @param key - `[B, H, K, D]`
 * @param value - `[B, H, K, V]`
 * @returns `[B, H, Q, V]`
 * @source Vaswani et al. 2017
 * @parity torch.nn.functional.scaled_dot_product_attention
 */
export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor {
  const { scale = 1 / Math.sqrt(query.shape.at(-1) as number), bias } = options;
  const scores = matMul(query, key, { transposeB: true, scale });
  return matMul(softmax(bias ? add(scores, bias) : scores, -1), value);
}
