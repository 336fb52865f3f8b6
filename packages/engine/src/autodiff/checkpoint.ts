import { nodesBelow, nodesBetween } from '../graph/nodes-between.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import * as $ from '../ops/operations.ts';
import { rebuild } from './rebuild.ts';

/**
 * A part of a network whose inner values are not kept for the backward pass but computed again from its inputs: memory
 * falls to that of one part, for the time of one more forward pass. Parts can lie within parts.
 *
 * Random numbers are drawn again from the same key, so dropout drops the same elements. Tensors made inside the part
 * have no gradient of their own: ask for those of its inputs, its parameters or its result.
 *
 * @param build - makes the part from its inputs; parameters and other tensors may be taken from outside
 * @returns what `build` returns
 * @source Chen et al. 2016, Training Deep Nets with Sublinear Memory Cost
 */
export function checkpoint<Inputs extends readonly Tensor[]>(
  build: (...inputs: Inputs) => Tensor,
  inputs: Inputs,
): Tensor {
  const result = build(...inputs);
  const starts = [...new Set([...inputs, ...fedIntegers(inputs, result)])];
  const { captured } = nodesBetween(starts, [result]);
  return $.markCheckpoint(result, starts, captured);
}

/** The part's result again, from inputs that wait for the gradient; and what the part is to be differentiated by. */
export function recompute(node: Node, late: Tensor): { readonly result: Tensor; readonly sources: readonly Tensor[] } {
  const starts = node.inputs.slice(0, node.attributes['starts'] as number);
  const result = node.inputs.at(-1) as Tensor;
  const substitutes = new Map(starts.map((start) => [start, $.after(start, late)]));
  rebuild(nodesBetween(starts, [result]).nodes, substitutes);
  const standing = (tensor: Tensor): Tensor => substitutes.get(tensor) ?? tensor;
  return { result: standing(result), sources: node.inputs.slice(0, -1).map(standing) };
}

const isInteger = ({ dtype }: Tensor): boolean => dtype === 'int64' || dtype === 'int32';

/** Keys of random numbers: what is made from them is made again as well. */
function fedIntegers(inputs: readonly Tensor[], result: Tensor): Tensor[] {
  const below = nodesBelow([result], new Set(inputs.map((input) => input.node)));
  return below.filter((node) => node.op === 'input').flatMap((node) => node.outputs.filter(isInteger));
}
