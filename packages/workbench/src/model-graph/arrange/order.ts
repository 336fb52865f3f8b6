import type { Net } from './bends.ts';

const SWEEPS = 8;

/** The items of each layer from left to right, with few crossings. */
export function orderLayers(net: Net): Int32Array[] {
  const rows = firstOrder(net);
  const place = new Float32Array(net.layers.length);
  for (const row of rows) number(row, place);
  let best = rows.map((row) => row.slice());
  let fewest = crossings(rows, net, place);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const downward = sweep % 2 === 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[downward ? i : rows.length - 1 - i];
      if (row) sortRow(row, downward ? net.up : net.down, place);
    }
    const found = crossings(rows, net, place);
    if (found >= fewest) continue;
    fewest = found;
    best = rows.map((row) => row.slice());
  }
  return best;
}

/** Depth first from the top: what hangs together comes to lie together. */
function firstOrder({ layers, down, up }: Net): Int32Array[] {
  const rows: number[][] = Array.from({ length: layers.reduce((most, row) => Math.max(most, row), -1) + 1 }, () => []);
  const seen = new Uint8Array(layers.length);
  for (let start = 0; start < layers.length; start++) {
    if (seen[start] === 1 || (up[start]?.length ?? 0) > 0) continue;
    const stack = [start];
    for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
      if (seen[item] === 1) continue;
      seen[item] = 1;
      rows[layers[item] as number]?.push(item);
      for (const next of (down[item] ?? []).toReversed()) if (seen[next] === 0) stack.push(next);
    }
  }
  return rows.map((row) => Int32Array.from(row));
}

function number(row: Int32Array, place: Float32Array): void {
  for (let i = 0; i < row.length; i++) place[row[i] as number] = i;
}

/** By the mean place of the neighbours; items without any stay where they are. */
function sortRow(row: Int32Array, neighbours: readonly (readonly number[])[], place: Float32Array): void {
  if (row.length < 2) return;
  const wish = new Map<number, number>();
  for (const item of row) {
    const near = neighbours[item] ?? [];
    const sum = near.reduce((total, other) => total + (place[other] as number), 0);
    wish.set(item, near.length > 0 ? sum / near.length : (place[item] as number));
  }
  row.sort((a, b) => (wish.get(a) as number) - (wish.get(b) as number) || (place[a] as number) - (place[b] as number));
  number(row, place);
}

function crossings(rows: readonly Int32Array[], { down }: Net, place: Float32Array): number {
  let found = 0;
  for (let i = 0; i + 1 < rows.length; i++) {
    const width = rows[i + 1]?.length ?? 0;
    const tree = new Int32Array(width + 1);
    let passed = 0;
    for (const item of rows[i] ?? []) {
      const ends = (down[item] ?? []).map((other) => place[other] as number);
      for (const end of ends) found += passed - sumTo(tree, end + 1);
      for (const end of ends) add(tree, end + 1);
      passed += ends.length;
    }
  }
  return found;
}

/** Fenwick's tree: how many ends lie at `at` or left of it. */
function sumTo(tree: Int32Array, at: number): number {
  let sum = 0;
  for (let i = at; i > 0; i -= i & -i) sum += tree[i] as number;
  return sum;
}

function add(tree: Int32Array, at: number): void {
  for (let i = at; i < tree.length; i += i & -i) tree[i] = (tree[i] as number) + 1;
}
