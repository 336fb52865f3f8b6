import { VesaliusError } from '@vesalius/errors';
import { elementCount } from '../graph/shape.ts';
import type { Node, Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import type { GradientContext } from '../ops/op-rule.ts';
import { ruleOf } from '../ops/op-rules.ts';
import * as operations from '../ops/operations.ts';
import { recompute } from './checkpoint.ts';

export interface GradientOptions {
  /** Gradient of the final value by y, ones by default. */
  readonly seed?: Tensor;
  /** What the backward pass reads in the place of a forward tensor, given the gradient that has arrived there. */
  readonly restore?: (tensor: Tensor, arrived: Tensor) => Tensor;
}

/**
 * Gradients of a scalar by each of the tensors: new nodes of the same graph, so they can be differentiated again.
 * A tensor the scalar does not depend on has a gradient of zeros.
 *
 * @throws NO_GRADIENT when the way from y to a tensor crosses an operation without one
 * @throws SHAPE_MISMATCH when y has more than one element and no seed is given
 */
export function gradients(y: Tensor, tensors: readonly Tensor[], { seed, restore }: GradientOptions = {}): Tensor[] {
  if (!seed && elementCount(y.shape) !== 1) {
    throw new VesaliusError('SHAPE_MISMATCH', {
      what: 'gradients: value to differentiate',
      got: y.shape,
      expected: 'one element',
    });
  }
  const order = topologicalOrder([y]);
  const wanted = nodesToward(order, tensors);
  const collected = new Collected();
  collected.add(y, seed ?? operations.onesLike(y));
  const kept = new Set(tensors);
  for (const node of order.reverse()) if (wanted.has(node)) backThrough(node, wanted, { collected, kept, restore });
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
  readonly restore: GradientOptions['restore'];
}

function backThrough(node: Node, wanted: ReadonlySet<Node>, { collected, kept, restore }: Backward): void {
  const outputGradients = node.outputs.map((output) => collected.get(output));
  const needs = node.inputs.map((input) => wanted.has(input.node));
  const arrived = outputGradients.find((gradient) => gradient !== undefined);
  if (!arrived || !needs.includes(true)) return;
  const restored = (tensor: Tensor): Tensor => {
    const stored = restore?.(tensor, arrived) ?? tensor;
    return stored === tensor && !kept.has(tensor) ? madeAgain(tensor, restored) : stored;
  };
  const [inputs, outputs] = [node.inputs.map(restored), node.outputs.map(restored)];
  const context = { node, inputs, outputs, outputGradients, needs: (i: number) => needs[i] === true };
  const inputGradients = node.op === 'checkpoint' ? throughCheckpoint(context, arrived) : throughRule(context);
  for (const [i, inputGradient] of inputGradients.entries()) {
    const input = node.inputs[i];
    if (input && inputGradient && needs[i]) collected.add(input, inputGradient);
  }
  for (const output of node.outputs) if (!kept.has(output)) collected.drop(output);
}

/** What is cheaper to compute twice than to keep, also behind another shape. */
function madeAgain(tensor: Tensor, restored: (input: Tensor) => Tensor): Tensor {
  const { op, inputs } = tensor.node;
  const { again } = ruleOf(op);
  if (again) return again(inputs.map(restored), operations);
  const [input] = inputs;
  if (op !== 'reshape' || !input) return tensor;
  const inner = restored(input);
  return inner === input ? tensor : operations.reshape(inner, tensor.shape);
}

function throughRule(context: GradientContext): readonly (Tensor | null)[] {
  const { gradient } = ruleOf(context.node.op);
  if (gradient === 'none') {
    throw new VesaliusError('NO_GRADIENT', {
      what: 'gradients',
      got: context.node.op,
      expected: 'operations that have a gradient',
    });
  }
  return gradient(context, operations);
}

/** The part is computed again from its inputs, once the gradient has arrived; nothing flows into its first run. */
function throughCheckpoint({ node, inputs, needs }: GradientContext, arrived: Tensor): readonly (Tensor | null)[] {
  const { result, sources } = recompute({ ...node, inputs }, arrived);
  const asked = sources.filter((_, i) => needs(i));
  const found = gradients(result, asked, { seed: arrived });
  return sources.map((source, i) => (needs(i) ? (found[asked.indexOf(source)] ?? null) : null));
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
