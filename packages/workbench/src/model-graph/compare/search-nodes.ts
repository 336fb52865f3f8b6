import type { GraphNode, ModelGraph } from '../read/model-graph.ts';

/**
 * Places of the nodes that hold every word of the query: in name, operation, block, attributes, names of values, or shapes
 * (`1x32x8`, `[1, 32` and `32,3,3` are found alike).
 */
export function searchNodes(graph: ModelGraph, query: string, most = 200): number[] {
  const words = query
    .toLowerCase()
    .replaceAll(/(\d)\s*,\s*(?=\d|\?)/g, '$1x')
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [];
  const found: number[] = [];
  for (const [i, node] of graph.nodes.entries()) {
    const text = textOf(node, graph);
    if (words.every((word) => text.includes(word.replaceAll(/[[\]]/g, '')))) found.push(i);
    if (found.length === most) break;
  }
  return found;
}

function textOf(node: GraphNode, graph: ModelGraph): string {
  const shapes = [
    ...node.weights.map((place) => graph.weights[place]?.shape),
    ...[...node.inputs, ...node.outputs].map((name) => graph.values.get(name)?.shape),
  ];
  const parts = [
    node.op,
    node.name,
    node.group.join('/'),
    ...node.inputs,
    ...node.outputs,
    ...node.attributes.map(({ name, text }) => `${name}=${text.replaceAll(', ', 'x')}`),
    ...shapes.map((shape) => shape?.join('x') ?? ''),
  ];
  return parts.join(' ').replaceAll(/[[\]]/g, '').toLowerCase();
}
