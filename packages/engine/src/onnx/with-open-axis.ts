import { elementCount } from '../graph/shape.ts';
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './format/onnx-model.ts';
import { ONNX_TYPE } from './format/onnx-type.ts';

/**
 * The same model with the first size of some inputs, and of what is reshaped, left to be found while it runs.
 *
 * onnxruntime plans before a run which value will lie in the memory of which dead one of the same shape, however long
 * after: what is dead early in the forward pass and planned for late in the backward pass holds its memory all the
 * time between. A shape that is not known in advance takes no part in that: memory is given back with the last use.
 */
export function withOpenAxis(model: OnnxModel, isOpen: (input: OnnxValue) => boolean): OnnxModel {
  const { graph } = model;
  const constants = new Map(graph.initializers.map((tensor) => [tensor.name, tensor]));
  const opened = new Map<string, OnnxTensor>();
  const open = (node: OnnxNode): OnnxNode => {
    const shape = node.opType === 'Reshape' ? constants.get(node.inputs[1] as string) : undefined;
    const sizes = shape && openShape(shape);
    if (!shape || !sizes) return node;
    const name = `${shape.name}_open`;
    opened.set(name, { ...shape, name, rawData: sizes });
    return { ...node, inputs: [node.inputs[0] as string, name] };
  };
  const nodes = graph.nodes.map(open);
  const fed = graph.inputs.map((input) =>
    isOpen(input) && input.shape.length > 0 ? { ...input, shape: ['', ...input.shape.slice(1)] } : input,
  );
  return {
    ...model,
    graph: { ...graph, nodes, inputs: fed, initializers: [...graph.initializers, ...opened.values()] },
  };
}

/** -1 in the place of the first size; nothing where a size is 0 or left open already. */
function openShape({ dataType, dims, rawData }: OnnxTensor): Uint8Array | undefined {
  if (dataType !== ONNX_TYPE.int64 || elementCount(dims) === 0) return undefined;
  const sizes = new BigInt64Array(rawData.slice().buffer);
  if (sizes.some((size) => size <= 0n)) return undefined;
  return new Uint8Array(sizes.with(0, -1n).buffer);
}
