import type { TensorProto } from '@vesalius/engine/onnx-file';
import type { GraphNode, ModelGraph, Weight } from '../read/model-graph.ts';
import { rawBytes, weightValues } from '../read/weight-values.ts';
import { align } from './align.ts';

export type Change = 'added' | 'removed' | 'changed';

/** One node of which the models differ. */
export interface NodeChange {
  /** Place in the graph of both. */
  readonly node: number;
  readonly change: Change;
  /** What differs, as `name: before → after`. */
  readonly details: readonly string[];
}

/** One weight of which the models differ. */
export interface WeightChange {
  readonly name: string;
  readonly node: number;
  readonly change: Change;
  /** Largest difference of two values; absent where shapes differ or values cannot be read. */
  readonly largest?: number;
}

/** Two models as one graph: the nodes of the new one, then those that only the old one has. */
export interface ModelDiff {
  readonly graph: ModelGraph;
  readonly nodes: readonly NodeChange[];
  readonly weights: readonly WeightChange[];
}

/** A graph with the values of its weights. */
export interface Side {
  readonly graph: ModelGraph;
  readonly tensors: readonly TensorProto[];
}

/** What changed from one model to another, node by node in their order. Names that were counted out say nothing and are not compared. */
export function diffModels(before: Side, after: Side): ModelDiff {
  const pairs = align(before.graph.nodes.map(wordOf(before.graph)), after.graph.nodes.map(wordOf(after.graph)));
  const nodes: NodeChange[] = [];
  const weights: WeightChange[] = [];
  const kept = new Map([...pairs].flatMap((place, old) => (place === -1 ? [] : [[place, old] as const])));
  for (const [place, node] of after.graph.nodes.entries()) {
    const old = kept.get(place);
    const former = old === undefined ? undefined : before.graph.nodes[old];
    if (former === undefined) {
      nodes.push({ node: place, change: 'added', details: [] });
      weights.push(...node.weights.map((w) => ({ name: nameOf(after, w), node: place, change: 'added' as const })));
      continue;
    }
    const changed = changedWeights({ before, after }, { former, node, place });
    weights.push(...changed.map(({ text: _, ...rest }) => rest));
    const details = [...changedAttributes(former, node), ...changed.map(({ text }) => text)];
    if (details.length > 0) nodes.push({ node: place, change: 'changed', details });
  }
  const { graph, removed } = union(before, after, pairs);
  for (const [place, old] of removed) {
    nodes.push({ node: place, change: 'removed', details: [] });
    const gone = before.graph.nodes[old]?.weights ?? [];
    weights.push(...gone.map((w) => ({ name: nameOf(before, w), node: place, change: 'removed' as const })));
  }
  return { graph, nodes, weights };
}

/** What a node is paired by: its operation, and the modules whose weights it reads. */
function wordOf(graph: ModelGraph): (node: GraphNode) => string {
  return (node) => {
    if (node.kind !== 'op') return `${node.kind} ${node.name}`;
    const modules = node.weights.map((place) => graph.weights[place]?.name ?? '').filter((name) => /[./]/.test(name));
    return [node.domain, node.op, ...modules].join(' ');
  };
}

function nameOf({ graph }: Side, weight: number): string {
  return graph.weights[weight]?.name ?? '';
}

function changedAttributes(before: GraphNode, after: GraphNode): string[] {
  const old = new Map(before.attributes.map(({ name, text }) => [name, text]));
  const own = new Map(after.attributes.map(({ name, text }) => [name, text]));
  return [...new Set([...old.keys(), ...own.keys()])]
    .filter((name) => old.get(name) !== own.get(name))
    .map((name) => `${name}: ${old.get(name) ?? '–'} → ${own.get(name) ?? '–'}`);
}

interface Sides {
  readonly before: Side;
  readonly after: Side;
}

function changedWeights(
  { before, after }: Sides,
  { former, node, place }: { former: GraphNode; node: GraphNode; place: number },
): (WeightChange & { text: string })[] {
  const found: (WeightChange & { text: string })[] = [];
  for (const [i, weight] of node.weights.entries()) {
    const [old, own] = [before.graph.weights[former.weights[i] ?? -1], after.graph.weights[weight]];
    if (old === undefined || own === undefined) continue;
    const entry = { name: own.name, node: place, change: 'changed' as const };
    const [was, is] = [typeText(old), typeText(own)];
    if (was !== is) found.push({ ...entry, text: `${own.name}: ${was} → ${is}` });
    else {
      const largest = largestDifference(before.tensors[former.weights[i] ?? -1], after.tensors[weight]);
      if (largest !== undefined) found.push({ ...entry, largest, text: `${own.name}: ± ${largest.toPrecision(3)}` });
    }
  }
  return found;
}

function typeText({ type, shape }: Weight): string {
  return `${type} [${shape.join(', ')}]`;
}

/** Undefined where all bytes are the same, or nothing can be said. */
function largestDifference(before: TensorProto | undefined, after: TensorProto | undefined): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  const [a, b] = [rawBytes(before), rawBytes(after)];
  if (a === undefined || b === undefined || a.every((byte, i) => byte === b[i])) return undefined;
  const [was, is] = [weightValues(before), weightValues(after)];
  let largest = 0;
  for (let i = 0; i < (was?.length ?? 0); i++) {
    const difference = Math.abs(((was?.[i] ?? 0) as number) - ((is?.[i] ?? 0) as number));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** Values of removed nodes get names of their own; what they took from nodes that stayed, they take from their successors. */
function union(before: Side, after: Side, pairs: Int32Array): { graph: ModelGraph; removed: Map<number, number> } {
  const renamed = new Map<string, string>();
  for (const [i, { outputs }] of before.graph.nodes.entries()) {
    const successor = after.graph.nodes[pairs[i] as number];
    for (const [k, name] of outputs.entries()) renamed.set(name, successor?.outputs[k] ?? `${name} (−)`);
  }
  const shift = after.graph.weights.length;
  const gone = [...before.graph.nodes.entries()].filter(([i]) => pairs[i] === -1);
  const first = after.graph.nodes.length;
  const nodes = gone.map(([, node]) => ({
    ...node,
    inputs: node.inputs.map((name) => renamed.get(name) ?? name),
    outputs: node.outputs.map((name) => renamed.get(name) ?? name),
    weights: node.weights.map((weight) => weight + shift),
    opens: [],
  }));
  const graph = {
    ...after.graph,
    nodes: [...after.graph.nodes, ...nodes],
    weights: [...after.graph.weights, ...before.graph.weights],
  };
  return { graph, removed: new Map(gone.map(([old], i) => [first + i, old])) };
}
