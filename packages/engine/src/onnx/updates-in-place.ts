import type { OnnxGraph, OnnxNode } from './format/onnx-model.ts';

/** Their results lie in memory of their own, never in that of a graph's input. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div']);

/**
 * Whether an output may be written over an input: every node that reads the input makes something that the output's
 * own node needs. Then nothing reads the old value after the write, in whatever order a runtime puts the nodes.
 */
export function updatesInPlace({ nodes }: OnnxGraph, input: string, output: string): boolean {
  const writer = nodes.find(({ outputs }) => outputs.includes(output));
  const readers = nodes.filter((node) => readsWithin(node, input));
  if (!writer || !readers.every(({ opType, domain }) => domain === '' && ELEMENTWISE.has(opType))) return false;
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  // An output of its own name may be a copy: the write is then that of the node before.
  const made = writer.opType === 'Identity' ? producers.get(writer.inputs[0] as string) : writer;
  return made !== undefined && readers.every((reader) => reader !== made && isNear(reader, made, producers));
}

/** The distance within which an optimizer's update is looked through. */
const NEAR = 4;

function isNear(reader: OnnxNode, made: OnnxNode, producers: ReadonlyMap<string, OnnxNode>): boolean {
  let level = new Set([made]);
  for (let distance = 0; distance < NEAR; distance++) {
    level = new Set([...level].flatMap(({ inputs }) => inputs.flatMap((name) => producers.get(name) ?? [])));
    if (level.has(reader)) return true;
  }
  return false;
}

/** A graph within a node counts as reading all it names. */
function readsWithin({ inputs, attributes }: OnnxNode, name: string): boolean {
  if (inputs.includes(name)) return true;
  const graphs = Object.values(attributes).flatMap((attribute) =>
    attribute.kind === 'graph' ? [attribute.value] : [],
  );
  return graphs.some((graph) => graph.nodes.some((node) => readsWithin(node, name)));
}
