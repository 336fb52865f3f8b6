import { withBends } from './bends.ts';
import { routeLanes } from './lanes.ts';
import { layersOf } from './layers.ts';
import { orderLayers } from './order.ts';
import { placeAcross } from './place.ts';

/** What is to be arranged: sizes of boxes and lines between them, as pairs of places. Lines may form cycles. */
export interface Boxes {
  readonly widths: Float32Array;
  readonly heights: Float32Array;
  /** From, to, from, to, ... */
  readonly lines: Int32Array;
}

/** Where everything lies; all in pixels at full size, y downward in the direction of the lines. */
export interface Layout {
  /** Centres. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly layers: Int32Array;
  /** Corners of all lines, x and y in turn. */
  readonly points: Float32Array;
  /** Where in `points` each line begins, counted in corners; one more than there are lines. */
  readonly starts: Int32Array;
  readonly width: number;
  readonly height: number;
}

const LAYER_GAP = 40;

/**
 * Arranges a graph in layers: longest paths, order by barycentres, places by isotonic regression. Short lines bend between boxes,
 * long ones run in lanes beside them, so that the work grows with boxes and lines alone.
 */
export function layout(boxes: Boxes): Layout {
  const layers = layersOf(boxes.widths.length, boxes.lines);
  const net = withBends(boxes, layers);
  const rows = orderLayers(net);
  const x = placeAcross(net, rows);
  const { tops, bottoms } = rowEdges(boxes.heights, layers, rows.length);
  const y = Float32Array.from(layers, (row) => ((tops[row] ?? 0) + (bottoms[row] ?? 0)) / 2);
  const routed = routeLanes({ boxes, layers, net, rows, x, y, tops, bottoms });
  return shifted({ ...routed, y, layers, height: bottoms.at(-1) ?? 0 });
}

function rowEdges(
  heights: Float32Array,
  layers: Int32Array,
  rows: number,
): { tops: Float32Array; bottoms: Float32Array } {
  const tallest = new Float32Array(rows);
  for (const [i, row] of layers.entries()) tallest[row] = Math.max(tallest[row] as number, heights[i] as number);
  const tops = new Float32Array(rows);
  const bottoms = new Float32Array(rows);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    tops[row] = at;
    bottoms[row] = at + (tallest[row] as number);
    at = (bottoms[row] as number) + LAYER_GAP;
  }
  return { tops, bottoms };
}

/** So that the leftmost point lies at 0. */
function shifted({ left, right, ...rest }: Omit<Layout, 'width'> & { left: number; right: number }): Layout {
  for (let i = 0; i < rest.x.length; i++) rest.x[i] = (rest.x[i] as number) - left;
  for (let i = 0; i < rest.points.length; i += 2) rest.points[i] = (rest.points[i] as number) - left;
  return { ...rest, width: right - left };
}
