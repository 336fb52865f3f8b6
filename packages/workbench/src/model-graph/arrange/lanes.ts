import { endsOf, type Net } from './bends.ts';
import type { Boxes } from './layout.ts';

const LANE_GAP = 7;
const MARGIN = 16;

interface Placed {
  readonly boxes: Boxes;
  readonly layers: Int32Array;
  readonly net: Net;
  readonly rows: readonly Int32Array[];
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly tops: Float32Array;
  readonly bottoms: Float32Array;
}

interface Routed {
  readonly x: Float32Array;
  readonly points: Float32Array;
  readonly starts: Int32Array;
  readonly left: number;
  readonly right: number;
}

/** Corners of every line: over its bends, or for long ones along a lane beside all boxes it passes, shorter ones nearer to them. */
export function routeLanes(placed: Placed): Routed {
  const { boxes, layers, net, x } = placed;
  const edges = rowExtents(placed);
  const lanes = lanesOf(placed, edges);
  const points: number[] = [];
  const starts = new Int32Array(net.firstBend.length + 1);
  for (let line = 0; line < net.firstBend.length; line++) {
    starts[line] = points.length / 2;
    const corners = cornersOf(placed, line, lanes[line] as number);
    const backward =
      (layers[boxes.lines[2 * line] as number] as number) > (layers[boxes.lines[2 * line + 1] as number] as number);
    for (const corner of backward ? corners.reverse() : corners) points.push(...corner);
  }
  starts[net.firstBend.length] = points.length / 2;
  const left = edges.left.reduce((least, value) => Math.min(least, value), 0) - MARGIN;
  const right = edges.right.reduce((most, value) => Math.max(most, value), 0) + MARGIN;
  return { x: x.slice(0, net.boxes), points: Float32Array.from(points), starts, left, right };
}

function rowExtents({ rows, net, x }: Placed): { left: Float32Array; right: Float32Array } {
  const end = (item: number | undefined, side: number): number =>
    item === undefined ? 0 : (x[item] as number) + (side * (net.widths[item] as number)) / 2;
  return {
    left: Float32Array.from(rows, (row) => end(row[0], -1)),
    right: Float32Array.from(rows, (row) => end(row.at(-1), 1)),
  };
}

/** The lane of each line, NaN for those that need none. Lines of one source share theirs. */
function lanesOf({ boxes, layers, net, x }: Placed, edges: { left: Float32Array; right: Float32Array }): Float32Array {
  const lanes = new Float32Array(net.firstBend.length).fill(Number.NaN);
  const shared = new Map<number, { lines: number[]; below: number; span: number }>();
  for (let line = 0; line < lanes.length; line++) {
    const { above, below, span } = endsOf(boxes.lines, layers, line);
    if (span < 2 || net.firstBend[line] !== -1) continue;
    const group = shared.get(above) ?? { lines: [], below, span };
    group.lines.push(line);
    shared.set(above, span > group.span ? { lines: group.lines, below, span } : group);
  }
  for (const [above, { lines, below }] of [...shared].sort(([, a], [, b]) => a.span - b.span)) {
    let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const [first, last] = [(layers[above] as number) + 1, (layers[below] as number) - 1];
    for (let row = first; row <= last; row++) {
      left = Math.min(left, edges.left[row] as number);
      right = Math.max(right, edges.right[row] as number);
    }
    const middle = ((x[above] as number) + (x[below] as number)) / 2;
    const lane = right - middle <= middle - left ? right + LANE_GAP : left - LANE_GAP;
    const side = lane > right ? edges.right : edges.left;
    side.fill(lane, first, last + 1);
    for (const line of lines) lanes[line] = lane;
  }
  return lanes;
}

/** From the upper end to the lower; each row it passes is crossed straight. */
function cornersOf(
  { boxes, layers, net, x, y, tops, bottoms }: Placed,
  line: number,
  lane: number,
): [number, number][] {
  const { above, below, span } = endsOf(boxes.lines, layers, line);
  const half = (box: number): number => (boxes.heights[box] as number) / 2;
  const start: [number, number] = [x[above] as number, (y[above] as number) + half(above)];
  const end: [number, number] = [x[below] as number, (y[below] as number) - half(below)];
  const [first, last] = [(layers[above] as number) + 1, (layers[below] as number) - 1];
  if (!Number.isNaN(lane)) return [start, [lane, tops[first] as number], [lane, bottoms[last] as number], end];
  const bend = net.firstBend[line] as number;
  if (bend === -1) return [start, end];
  const corners: [number, number][] = [];
  for (let i = 0; i < span - 1; i++) {
    const at = x[bend + i] as number;
    corners.push([at, tops[first + i] as number], [at, bottoms[first + i] as number]);
  }
  return [start, ...corners, end];
}
