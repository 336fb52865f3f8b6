import { VesaliusError } from '@vesalius/errors';
import type { Node, Tensor } from '../graph/tensor.ts';
import { topologicalOrder } from '../graph/topological-order.ts';
import { BLOCKED_DOMAIN } from '../ops/lowering/blocked-layout.ts';
import { onnxDataType } from '../ops/onnx-data-type.ts';
import type { EmitTarget } from '../ops/op-rule.ts';
import type { OnnxModel, OnnxNode, OnnxValue } from './format/onnx-model.ts';
import { countReaders, GraphEmitter } from './graph-emitter.ts';

/** Understood by every runtime of ONNX. */
export const PORTABLE: EmitTarget = { microsoftOps: false, channelBlock: 0 };

export interface ToOnnxOptions {
  readonly target?: EmitTarget;
  readonly name?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Rearranges the nodes; the result must still have each node after its inputs. */
  readonly arrange?: (nodes: readonly OnnxNode[]) => readonly OnnxNode[];
}

/**
 * The graph below the outputs as an ONNX model: inputs in the order of their names, nothing that no output needs.
 *
 * @throws INVALID_ARGUMENT when two inputs, or an input and an output, have one name
 */
export function toOnnx(outputs: Readonly<Record<string, Tensor>>, options: ToOnnxOptions = {}): OnnxModel {
  const { target = PORTABLE, name = 'vesalius', metadata = {}, arrange = (nodes) => nodes } = options;
  const order = topologicalOrder(Object.values(outputs));
  const emitter = new GraphEmitter(
    target,
    countReaders([...order.flatMap((node) => node.inputs), ...Object.values(outputs)]),
  );
  for (const node of order) emitter.emit(node);
  const inputs = order.filter((node) => node.op === 'input').map(describeInput);
  assertDistinct(inputs, Object.keys(outputs));
  const named = Object.entries(outputs).map(([output, tensor]) => emitter.nameOutput(output, tensor));
  return {
    irVersion: 9,
    producerName: 'vesalius',
    producerVersion: '',
    opsets: [
      { domain: '', version: 20 },
      ...(target.microsoftOps ? [{ domain: 'com.microsoft', version: 1 }] : []),
      ...(target.channelBlock > 0 ? [{ domain: BLOCKED_DOMAIN, version: 1 }] : []),
    ],
    metadata,
    graph: {
      name,
      nodes: arrange(prune(emitter.onnxNodes, named)),
      initializers: emitter.initializers,
      inputs: inputs.sort((a, b) => (a.name < b.name ? -1 : 1)),
      outputs: named,
    },
  };
}

function describeInput({ attributes, outputs }: Node): OnnxValue {
  const [tensor] = outputs as [Tensor];
  return { name: attributes['name'] as string, dataType: onnxDataType(tensor.dtype), shape: tensor.shape };
}

/** Outputs are keys of one record, so only inputs can share a name among themselves. */
function assertDistinct(inputs: readonly OnnxValue[], outputs: readonly string[]): void {
  const refuse = (what: string, got: string): never => {
    throw new VesaliusError('INVALID_ARGUMENT', { what, got, expected: 'distinct names' });
  };
  const seen = new Set<string>();
  for (const { name } of inputs) {
    if (seen.has(name)) refuse('graph input', `two named ${name}`);
    seen.add(name);
  }
  for (const name of outputs) if (seen.has(name)) refuse('graph output', `${name}, as an input is named`);
}

/** Nodes with a second output, like a pooling's places, can have emitted followers that nothing reads. */
function prune(nodes: readonly OnnxNode[], outputs: readonly OnnxValue[]): OnnxNode[] {
  const read = new Set(outputs.map((output) => output.name));
  const kept: OnnxNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => read.has(name))) continue;
    for (const name of namesRead(node)) read.add(name);
    kept.push(node);
  }
  return kept.reverse();
}

/** A graph within a node reads from outside without the node saying so. */
function namesRead({ inputs, attributes }: OnnxNode): string[] {
  const bodies = Object.values(attributes).flatMap((attribute) =>
    attribute.kind === 'graph' ? attribute.value.nodes : [],
  );
  return [...inputs, ...bodies.flatMap(namesRead)];
}
