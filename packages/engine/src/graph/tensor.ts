import type { DType } from './dtype.ts';
import type { Shape } from './shape.ts';

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A value of the graph: one output of one node. It holds no numbers until a runtime runs the graph. */
export interface Tensor extends TensorType {
  readonly node: Node;
  readonly outputIndex: number;
}

/** One operation of the graph: plain data, never changed after it is made. */
export interface Node {
  /** Key into the table of operation rules. */
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly outputs: readonly Tensor[];
}

export function createNode(
  op: string,
  inputs: readonly Tensor[],
  attributes: Readonly<Record<string, unknown>>,
  types: readonly TensorType[],
): Node {
  const outputs: Tensor[] = [];
  const node: Node = { op, inputs, attributes, outputs };
  for (const [outputIndex, { shape, dtype }] of types.entries()) outputs.push({ node, outputIndex, shape, dtype });
  return node;
}
