import type { ModelGraph } from '../read/model-graph.ts';

/** What is drawn as one box: a node, or a closed block with all nodes in it. */
export interface Box {
  /** Places in the graph's nodes; one, unless the box is a block. */
  readonly members: readonly number[];
  /** Path of the block joined by `/`; '' for a node. */
  readonly block: string;
}

/** A line between boxes and the value that goes along it. */
interface Line {
  readonly from: number;
  readonly to: number;
  readonly value: string;
}

export interface BoxGraph {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  /** Box of each node. */
  readonly boxOf: Int32Array;
}

/** The boxes to draw when the blocks of `closed` are drawn as one box each. */
export function boxesOf(graph: ModelGraph, closed: ReadonlySet<string>): BoxGraph {
  const members: number[][] = [];
  const blocks: string[] = [];
  const boxOf = new Int32Array(graph.nodes.length);
  const ofBlock = new Map<string, number>();
  for (const [i, node] of graph.nodes.entries()) {
    const block = closedBlock(node.group, closed);
    const known = block === '' ? undefined : ofBlock.get(block);
    const box = known ?? members.push([]) - 1;
    if (block !== '') ofBlock.set(block, box);
    blocks[box] = block;
    members[box]?.push(i);
    boxOf[i] = box;
  }
  return {
    boxes: members.map((own, i) => ({ members: own, block: blocks[i] ?? '' })),
    lines: linesOf(graph, boxOf),
    boxOf,
  };
}

/** The outermost closed block around a node. */
function closedBlock(group: readonly string[], closed: ReadonlySet<string>): string {
  for (let depth = 1; depth <= group.length; depth++) {
    const block = group.slice(0, depth).join('/');
    if (closed.has(block)) return block;
  }
  return '';
}

/** One line for each value between two boxes, however often it is read there. */
function linesOf({ nodes }: ModelGraph, boxOf: Int32Array): Line[] {
  const maker = new Map(nodes.flatMap(({ outputs }, i) => outputs.map((name) => [name, i] as const)));
  const seen = new Set<string>();
  const lines: Line[] = [];
  for (const [i, node] of nodes.entries()) {
    for (const value of node.inputs) {
      const source = value === '' ? undefined : maker.get(value);
      if (source === undefined) continue;
      const [from, to] = [boxOf[source] as number, boxOf[i] as number];
      const key = `${from} ${to} ${value}`;
      if (from === to || seen.has(key)) continue;
      seen.add(key);
      lines.push({ from, to, value });
    }
  }
  return lines;
}

/** Every block of a graph that holds at least two nodes, with its depth from 1. */
export function blocksOf(graph: ModelGraph): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { group } of graph.nodes) {
    for (let depth = 1; depth <= group.length; depth++) {
      const block = group.slice(0, depth).join('/');
      sizes.set(block, (sizes.get(block) ?? 0) + 1);
    }
  }
  return new Map([...sizes].filter(([, size]) => size > 1).map(([block]) => [block, block.split('/').length]));
}
