import type { GraphNode, Weight } from './model-graph.ts';

/**
 * The block of each node: by its name where names have paths (`/encoder/0/conv/Conv`), else by the module whose weights it reads
 * (`encoder.0.conv.weight`), else that of the node it takes its first value from.
 */
export function groupsOf(nodes: readonly GraphNode[], weights: readonly Weight[]): (readonly string[])[] {
  const named = nodes.filter(({ kind, name }) => kind === 'op' && pathOf(name).length > 0).length > nodes.length / 2;
  const groups: (readonly string[])[] = [];
  const ofValue = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const group = node.kind === 'op' ? groupOf(node) : [];
    for (const value of node.outputs) ofValue.set(value, group);
    groups.push(group);
  }
  return groups;

  function groupOf(node: GraphNode): readonly string[] {
    if (named) return pathOf(node.name);
    for (const place of node.weights) {
      const path = pathOf(weights[place]?.name ?? '');
      if (path.length > 0) return path;
    }
    return node.inputs.map((name) => ofValue.get(name)).find((group) => group && group.length > 0) ?? [];
  }
}

/** `/encoder/0/conv/Conv` -> encoder, 0, conv: the last part is the node's own. */
function pathOf(name: string): string[] {
  const parts = name.split(name.includes('/') ? '/' : '.').filter((part) => part !== '');
  return parts.slice(0, -1);
}
