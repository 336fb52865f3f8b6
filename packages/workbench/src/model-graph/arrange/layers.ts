/**
 * The layer of each box: one below the lowest of those it takes from. Lines that close a cycle are taken the other way round;
 * boxes with more readers than sources move down to them.
 */
export function layersOf(count: number, lines: Int32Array): Int32Array {
  const order = topologicalOrder(count, lines);
  const place = new Int32Array(count);
  for (const [i, box] of order.entries()) place[box] = i;
  const { from, to } = forward(lines, place);
  const layers = new Int32Array(count);
  const byStart = sortedBy(from, place);
  for (const line of byStart) {
    const next = (layers[from[line] as number] as number) + 1;
    if (next > (layers[to[line] as number] as number)) layers[to[line] as number] = next;
  }
  pullDown(layers, { from, to, byStart });
  return layers;
}

/** Kahn's order; where only cycles are left, the first box of those goes next. */
function topologicalOrder(count: number, lines: Int32Array): Int32Array {
  const waiting = new Int32Array(count);
  const readers: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < lines.length; i += 2) {
    const [from, to] = [lines[i] as number, lines[i + 1] as number];
    if (from === to) continue;
    readers[from]?.push(to);
    waiting[to] = (waiting[to] as number) + 1;
  }
  const order = new Int32Array(count);
  const taken = new Uint8Array(count);
  let [head, tail, scan] = [0, 0, 0];
  const take = (box: number): void => {
    taken[box] = 1;
    order[tail++] = box;
  };
  for (let box = 0; box < count; box++) if (waiting[box] === 0) take(box);
  while (head < count) {
    while (head === tail) {
      if (taken[scan] === 0) take(scan);
      scan++;
    }
    for (const reader of readers[order[head++] as number] ?? []) {
      waiting[reader] = (waiting[reader] as number) - 1;
      if (waiting[reader] === 0 && taken[reader] === 0) take(reader);
    }
  }
  return order;
}

function forward(lines: Int32Array, place: Int32Array): { from: Int32Array; to: Int32Array } {
  const from = new Int32Array(lines.length / 2);
  const to = new Int32Array(lines.length / 2);
  for (let i = 0; i < from.length; i++) {
    const [a, b] = [lines[2 * i] as number, lines[2 * i + 1] as number];
    const ahead = (place[a] as number) < (place[b] as number);
    from[i] = ahead ? a : b;
    to[i] = ahead ? b : a;
  }
  return { from, to };
}

function sortedBy(from: Int32Array, place: Int32Array): Int32Array {
  return Int32Array.from(from.keys()).sort(
    (a, b) => (place[from[a] as number] as number) - (place[from[b] as number] as number),
  );
}

/** From the end: a box that feeds more lines than it takes lies just above its first reader. */
function pullDown(
  layers: Int32Array,
  { from, to, byStart }: { from: Int32Array; to: Int32Array; byStart: Int32Array },
): void {
  const lowest = new Int32Array(layers.length).fill(2 ** 30);
  const balance = new Int32Array(layers.length);
  for (const [i, box] of from.entries()) {
    balance[box] = (balance[box] as number) + 1;
    balance[to[i] as number] = (balance[to[i] as number] as number) - 1;
  }
  for (let i = byStart.length - 1; i >= 0; i--) {
    const line = byStart[i] as number;
    const box = from[line] as number;
    lowest[box] = Math.min(lowest[box] as number, (layers[to[line] as number] as number) - 1);
    const last = i === 0 || from[byStart[i - 1] as number] !== box;
    if (last && (balance[box] as number) > 0) layers[box] = lowest[box] as number;
  }
}
