import { VesaliusError } from '@vesalius/errors';
import { createNode, type Tensor } from '../graph/tensor.ts';
import type { OpRule } from './op-rule.ts';

/** Adds a node after its rule has checked the inputs. */
export function applyOp(
  op: string,
  rule: OpRule,
  inputs: readonly Tensor[],
  attributes: Readonly<Record<string, unknown>> = {},
): readonly Tensor[] {
  return createNode(op, inputs, attributes, rule.shape(inputs, attributes)).outputs;
}

/** The same for an operation with one output. */
export function applyOne(
  op: string,
  rule: OpRule,
  inputs: readonly Tensor[],
  attributes: Readonly<Record<string, unknown>> = {},
): Tensor {
  return only(applyOp(op, rule, inputs, attributes), op);
}

/** First element, which must be there. */
export function only<T>(items: readonly (T | undefined)[], what: string): T {
  const [item] = items;
  if (item === undefined) throw new VesaliusError('INVALID_ARGUMENT', { what: `${what}: operand`, got: 'nothing' });
  return item;
}

/** First two elements, which must be there. */
export function pair<T>(items: readonly (T | undefined)[], what: string): [T, T] {
  return [only(items, what), only(items.slice(1), what)];
}

export function sameDtype(what: string, tensors: readonly Tensor[]): void {
  const expected = tensors[0]?.dtype;
  const wrong = tensors.find((tensor) => tensor.dtype !== expected);
  if (wrong) throw new VesaliusError('DTYPE_MISMATCH', { what: `${what}: element type`, got: wrong.dtype, expected });
}
