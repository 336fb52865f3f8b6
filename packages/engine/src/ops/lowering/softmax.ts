import type { Tensor } from '../../graph/tensor.ts';
import type { Emitter } from '../op-rule.ts';

interface SoftmaxEmission {
  readonly axis: number;
  readonly emit: Emitter;
}

/** onnxruntime's Softmax transposes for any axis but the last: written out it takes a fifth of the time or less there. */
export function emitSoftmax(x: Tensor, emission: SoftmaxEmission): string {
  const { axis, emit } = emission;
  if (axis === x.shape.length - 1) return emit.node('Softmax', [emit.name(x)], { axis });
  const { exponentials, sum } = shifted(x, emission);
  return emit.node('Div', [exponentials, sum]);
}

/** The same for the logarithm. */
export function emitLogSoftmax(x: Tensor, emission: SoftmaxEmission): string {
  const { axis, emit } = emission;
  if (axis === x.shape.length - 1) return emit.node('LogSoftmax', [emit.name(x)], { axis });
  const { belowLargest, sum } = shifted(x, emission);
  return emit.node('Sub', [belowLargest, emit.node('Log', [sum])]);
}

/** x less its largest along the axis, whose exponentials cannot overflow, and their sum. */
function shifted(
  x: Tensor,
  { axis, emit }: SoftmaxEmission,
): { belowLargest: string; exponentials: string; sum: string } {
  const axes = emit.ints([axis]);
  const largest = emit.node('ReduceMax', [emit.name(x), axes], { keepdims: 1 });
  const belowLargest = emit.node('Sub', [emit.name(x), largest]);
  const exponentials = emit.node('Exp', [belowLargest]);
  return { belowLargest, exponentials, sum: emit.node('ReduceSum', [exponentials, axes], { keepdims: 1 }) };
}
