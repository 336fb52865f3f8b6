import type { Node, Tensor } from './tensor.ts';

/** Every node that the tensors depend on, each after its inputs; iterative, since a network can be thousands deep. */
export function topologicalOrder(tensors: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  for (const { node } of tensors) visit(node, seen, order);
  return order;
}

function visit(root: Node, seen: Set<Node>, order: Node[]): void {
  if (seen.has(root)) return;
  seen.add(root);
  const stack: { node: Node; next: number }[] = [{ node: root, next: 0 }];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const input = top.node.inputs[top.next++];
    if (!input) {
      order.push(top.node);
      stack.pop();
    } else if (!seen.has(input.node)) {
      seen.add(input.node);
      stack.push({ node: input.node, next: 0 });
    }
  }
}
