import type { Node, Tensor } from './tensor.ts';
import { topologicalOrder } from './topological-order.ts';

export interface Between {
  /** Nodes that lead from the starts to the ends, each after its inputs. */
  readonly nodes: readonly Node[];
  /** What these nodes, or the ends, are made from besides. */
  readonly captured: readonly Tensor[];
}

/** The part of a graph that depends on the starts and that the ends need; it goes no further back than the starts. */
export function nodesBetween(starts: readonly Tensor[], ends: readonly Tensor[]): Between {
  const first = new Set(starts.map((start) => start.node));
  const reached = new Set(starts);
  const nodes = nodesBelow(ends, first).filter((node) => {
    if (!node.inputs.some((input) => reached.has(input))) return false;
    for (const output of node.outputs) reached.add(output);
    return true;
  });
  const read = [...nodes.flatMap((node) => node.inputs), ...ends];
  return { nodes, captured: [...new Set(read.filter((tensor) => !reached.has(tensor)))] };
}

/** Nodes that the tensors need, each after its inputs, and nothing from the given nodes on. */
export function nodesBelow(tensors: readonly Tensor[], last: ReadonlySet<Node>): Node[] {
  const order = topologicalOrder(tensors);
  const needed = new Set(tensors.map((tensor) => tensor.node));
  for (const node of order.toReversed()) {
    if (needed.has(node) && !last.has(node)) for (const input of node.inputs) needed.add(input.node);
  }
  return order.filter((node) => needed.has(node) && !last.has(node));
}
