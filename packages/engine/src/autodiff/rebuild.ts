import { createNode, type Node, type Tensor } from '../graph/tensor.ts';

/**
 * Nodes made again with other operands: `substitutes` says which tensors stand for which, and grows by the new outputs.
 * A node none of whose operands changes stays as it is.
 *
 * @param order - each node after its inputs
 * @param placed - may put something in the place of each output, by default the new output itself
 */
export function rebuild(
  order: readonly Node[],
  substitutes: Map<Tensor, Tensor>,
  placed: (original: Tensor, rebuilt: Tensor) => Tensor = (_, rebuilt) => rebuilt,
): void {
  for (const node of order) {
    const inputs = node.inputs.map((input) => substitutes.get(input) ?? input);
    const changed = inputs.some((input, i) => input !== node.inputs[i]);
    const { outputs } = changed ? createNode(node.op, inputs, node.attributes, node.outputs) : node;
    for (const [i, original] of node.outputs.entries()) {
      const replacement = placed(original, outputs[i] as Tensor);
      if (replacement !== original) substitutes.set(original, replacement);
    }
  }
}
