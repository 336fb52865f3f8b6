import { VesaliusError } from '@vesalius/errors';
import { elementCount } from '../graph/shape.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import { ruleOf } from '../ops/op-rules.ts';
import * as operations from '../ops/operations.ts';

export interface GradientOptions {
  /** Gradient of the final value by y, ones by default. */
  readonly seed?: Tensor;
}

/**
 * Gradients of a scalar by each of the tensors: new nodes of the same graph, so they can be differentiated again.
 * A tensor the scalar does not depend on has a gradient of zeros.
 *
 * @throws NO_GRADIENT when the way from y to a tensor crosses an operation without one
 * @throws SHAPE_MISMATCH when y has more than one element and no seed is given
 */
export function gradients(y: Tensor, tensors: readonly Tensor[], { seed }: GradientOptions = {}): Tensor[] {
  if (!seed && elementCount(y.shape) !== 1) {
    throw new VesaliusError('SHAPE_MISMATCH', { what: 'gradients: value to differentiate', got: y.shape, expected: 'one element' });
  }
  const order = topologicalOrder([y]);
  const wanted = nodesToward(order, tensors);
  const collected = new Collected();
  collected.add(y, seed ?? operations.onesLike(y));
  const kept = new Set(tensors);
  for (const node of order.reverse()) if (wanted.has(node)) backThrough(node, wanted, { collected, kept });
  return tensors.map((tensor) => collected.get(tensor) ?? operations.zerosLike(tensor));
}

/** Nodes from which some tensor of interest is reached going back: gradients go nowhere else. */
function nodesToward(order: readonly Node[], tensors: readonly Tensor[]): Set<Node> {
  const ends = new Set(tensors.map((tensor) => tensor.node));
  const wanted = new Set<Node>();
  for (const node of order) {
    if (node.op === 'stopGradient') continue;
    if (ends.has(node) || node.inputs.some((input) => wanted.has(input.node))) wanted.add(node);
  }
  return wanted;
}

interface Backward {
  readonly collected: Collected;
  readonly kept: ReadonlySet<Tensor>;
}

function backThrough(node: Node, wanted: ReadonlySet<Node>, { collected, kept }: Backward): void {
  const outputGradients = node.outputs.map((output) => collected.get(output));
  const needs = node.inputs.map((input) => wanted.has(input.node));
  if (outputGradients.every((gradient) => gradient === undefined) || !needs.includes(true)) return;
  const { gradient } = ruleOf(node.op);
  if (gradient === 'none') {
    throw new VesaliusError('NO_GRADIENT', { what: 'gradients', got: node.op, expected: 'operations that have a gradient' });
  }
  const context = { node, inputs: node.inputs, outputs: node.outputs, outputGradients, needs: (i: number) => needs[i] === true };
  for (const [i, inputGradient] of gradient(context, operations).entries()) {
    const input = node.inputs[i];
    if (input && inputGradient && needs[i]) collected.add(input, inputGradient);
  }
  for (const output of node.outputs) if (!kept.has(output)) collected.drop(output);
}

/** Sums of what has reached each tensor so far. */
class Collected {
  readonly #sums = new Map<Tensor, Tensor>();

  add(tensor: Tensor, gradient: Tensor): void {
    const before = this.#sums.get(tensor);
    this.#sums.set(tensor, before ? operations.add(before, gradient) : gradient);
  }

  get(tensor: Tensor): Tensor | undefined {
    return this.#sums.get(tensor);
  }

  drop(tensor: Tensor): void {
    this.#sums.delete(tensor);
  }
}
