import type { OnnxGraph, OnnxNode } from './format/onnx-model.ts';

/** Their results lie in memory of their own, never in that of a graph's input. */
const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div']);

/**
 * Says of an input and an output whether the output may be written over the input: every node that reads the input makes something that
 * the output's own node needs. Then nothing reads the old value after the write, in whatever order a runtime puts the nodes.
 */
export function updatesInPlace({ nodes }: OnnxGraph): (input: string, output: string) => boolean {
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const readersOf = readersByName(nodes);
  return (input, output) => {
    const writer = producers.get(output);
    const readers = readersOf.get(input) ?? [];
    if (!writer || !readers.every(({ opType, domain }) => domain === '' && ELEMENTWISE.has(opType))) return false;
    // An output of its own name may be a copy: the write is then that of the node before.
    const made = writer.opType === 'Identity' ? producers.get(writer.inputs[0] as string) : writer;
    return made !== undefined && readers.every((reader) => reader !== made && isNear(reader, made, producers));
  };
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

function readersByName(nodes: readonly OnnxNode[]): Map<string, OnnxNode[]> {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes)
    for (const name of new Set(namesRead(node))) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  return readers;
}

/** A graph within a node counts as reading all it names. */
function namesRead({ inputs, attributes }: OnnxNode): string[] {
  const graphs = Object.values(attributes).flatMap((attribute) =>
    attribute.kind === 'graph' ? attribute.value.nodes.flatMap(namesRead) : [],
  );
  return [...inputs, ...graphs];
}
