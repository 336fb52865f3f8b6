import type { Net } from './bends.ts';

const GAP = 24;
const SWEEPS = 10;
/** Lines with bends are to be straight; a box follows boxes more than bends. */
const [BEND_TO_BEND, BOX_TO_BOX, MIXED] = [8, 1, 0.1];

/** Centres of all items across: each near its neighbours, in the order of its row, never overlapping. */
export function placeAcross(net: Net, rows: readonly Int32Array[]): Float32Array {
  const x = new Float32Array(net.layers.length);
  for (const row of rows) pack(row, net.widths, x);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const downward = sweep % 2 === 0;
    const last = sweep >= SWEEPS - 2;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[downward ? i : rows.length - 1 - i];
      if (row) settle(row, { net, x, sides: last ? [net.up, net.down] : [downward ? net.up : net.down] });
    }
  }
  return x;
}

function pack(row: Int32Array, widths: Float32Array, x: Float32Array): void {
  let at = 0;
  for (const item of row) {
    x[item] = at + (widths[item] as number) / 2;
    at += (widths[item] as number) + GAP;
  }
  for (const item of row) x[item] = (x[item] as number) - at / 2;
}

interface Wish {
  readonly net: Net;
  readonly x: Float32Array;
  readonly sides: readonly (readonly (readonly number[])[])[];
}

/** Least squares under the order of the row: isotonic regression of the wishes less the room to the left. */
function settle(row: Int32Array, { net, x, sides }: Wish): void {
  const room = new Float64Array(row.length);
  const blocks: { sum: number; weight: number; count: number }[] = [];
  for (let i = 0; i < row.length; i++) {
    const item = row[i] as number;
    const before = row[i - 1];
    if (before !== undefined) {
      room[i] = (room[i - 1] as number) + ((net.widths[before] as number) + (net.widths[item] as number)) / 2 + GAP;
    }
    const { wish, weight } = wishOf(item, { net, x, sides });
    let block = { sum: (wish - (room[i] as number)) * weight, weight, count: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.weight >= block.sum / block.weight; last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: last.sum + block.sum, weight: last.weight + block.weight, count: last.count + block.count };
    }
    blocks.push(block);
  }
  let i = 0;
  for (const { sum, weight, count } of blocks) {
    for (const end = i + count; i < end; i++) x[row[i] as number] = sum / weight + (room[i] as number);
  }
}

function wishOf(item: number, { net, x, sides }: Wish): { wish: number; weight: number } {
  let [sum, weight] = [0, 0];
  for (const side of sides) {
    for (const other of side[item] ?? []) {
      const own = pull(item >= net.boxes, other >= net.boxes);
      sum += (x[other] as number) * own;
      weight += own;
    }
  }
  return weight > 0 ? { wish: sum / weight, weight } : { wish: x[item] as number, weight: 0.01 };
}

function pull(bend: boolean, otherBend: boolean): number {
  if (bend && otherBend) return BEND_TO_BEND;
  return bend || otherBend ? MIXED : BOX_TO_BOX;
}
