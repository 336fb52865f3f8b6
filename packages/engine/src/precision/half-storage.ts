import { gradients } from '../autodiff/gradients.ts';
import { rebuild } from '../autodiff/rebuild.ts';
import { elementCount } from '../graph/shape.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import * as $ from '../ops/operations.ts';

/** Below this a half-precision copy saves less than its two passes cost. */
const LEAST_ELEMENTS = 1024;

/** Their results keep single precision: probabilities, and sums whose small parts matter. */
const SINGLE = new Set(['input', 'constant', 'softmax', 'logSoftmax', 'sum', 'mean', 'exp', 'log', 'checkpoint']);

/** A forward pass whose activations wait for the backward pass as float16. */
export interface HalfStorage {
  /** The tensor of the new forward pass for one of the old. */
  standing(tensor: Tensor): Tensor;
  /** For `gradients`: what the backward pass reads. */
  restore(tensor: Tensor, arrived: Tensor): Tensor;
}

/**
 * The forward pass again, with every activation that the backward pass reads rounded to float16 where it is made: what
 * follows reads the rounded numbers too, so the float32 ones are gone at once. Everything is computed in float32. What
 * comes after the last parameter (logits, softmax, loss) stays float32, and so do sums and softmax.
 *
 * @source Micikevicius et al. 2018, Mixed Precision Training
 */
export function storeInHalf(loss: Tensor, parameters: readonly Tensor[], others: readonly Tensor[]): HalfStorage {
  const forward = topologicalOrder([loss, ...others]);
  const saved = savedActivations(loss, parameters, forward);
  const substitutes = new Map<Tensor, Tensor>();
  const halves = new Map<Tensor, Tensor>();
  rebuild(forward, substitutes, (original, rebuilt) => {
    if (!saved.has(original)) return rebuilt;
    const { rounded, half } = $.throughHalf(rebuilt);
    halves.set(rounded, half).set(rebuilt, half);
    return rounded;
  });
  return {
    standing: (tensor) => substitutes.get(tensor) ?? tensor,
    restore: (tensor, arrived) => restored(tensor, arrived, halves),
  };
}

/** Tensors that only rearrange others are put together again from those. */
function restored(tensor: Tensor, arrived: Tensor, halves: ReadonlyMap<Tensor, Tensor>): Tensor {
  const half = halves.get(tensor);
  if (half) return $.fromHalf(half, arrived);
  const { op, inputs, attributes } = tensor.node;
  if (!REARRANGED.has(op)) return tensor;
  const parts = inputs.map((input) => restored(input, arrived, halves));
  if (parts.every((part, i) => part === inputs[i])) return tensor;
  return op === 'concat' ? $.concat(parts, attributes['axis'] as number) : $.reshape(parts[0] as Tensor, tensor.shape);
}

const REARRANGED = new Set(['reshape', 'concat']);

/** Where the numbers of a tensor that only rearranges others come from. */
function origins(tensor: Tensor): readonly Tensor[] {
  return REARRANGED.has(tensor.node.op) ? tensor.node.inputs.flatMap(origins) : [tensor];
}

function savedActivations(loss: Tensor, parameters: readonly Tensor[], forward: readonly Node[]): Set<Tensor> {
  const known = new Set(forward);
  const activations = beforeLastParameter(forward, parameters);
  const backward = topologicalOrder(gradients(loss, parameters)).filter((node) => !known.has(node));
  const read = backward.flatMap((node) => node.inputs).filter(({ node }) => known.has(node));
  const stored = [...new Set(read)].flatMap(origins).filter((tensor) => {
    const { node, dtype, shape } = tensor;
    return (
      dtype === 'float32' && activations.has(node) && !SINGLE.has(node.op) && elementCount(shape) >= LEAST_ELEMENTS
    );
  });
  return new Set(stored);
}

/** Nodes made from data whose results some later operation meets with a parameter. */
function beforeLastParameter(forward: readonly Node[], parameters: readonly Tensor[]): Set<Node> {
  const fromParameters = new Set(parameters.map(({ node }) => node));
  for (const node of forward) {
    if (
      node.inputs.length > 0 &&
      node.inputs.every((input) => fromParameters.has(input.node) || input.node.op === 'constant')
    )
      fromParameters.add(node);
  }
  const found = new Set<Node>();
  for (const node of forward.toReversed()) {
    if (fromParameters.has(node)) continue;
    const meets = node.inputs.some((input) => fromParameters.has(input.node));
    if (meets || found.has(node))
      for (const { node: made } of node.inputs) if (!fromParameters.has(made)) found.add(made);
  }
  return found;
}
