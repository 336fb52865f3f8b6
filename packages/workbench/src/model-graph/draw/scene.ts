import { type BoxGraph, boxesOf } from '../arrange/boxes-of.ts';
import { type Layout, layout } from '../arrange/layout.ts';
import type { ModelGraph, Weight } from '../read/model-graph.ts';
import { kindOfOp, type OpKind } from './palette.ts';

/** One box ready to be drawn: its writing, first line larger. */
export interface DrawnBox {
  readonly kind: OpKind;
  readonly title: string;
  readonly rows: readonly string[];
}

/** All that the picture of a graph needs; may be sent between threads. */
export interface Scene extends BoxGraph {
  readonly drawn: readonly DrawnBox[];
  readonly widths: Float32Array;
  readonly heights: Float32Array;
  readonly layout: Layout;
}

const TITLE_HEIGHT = 26;
const ROW_HEIGHT = 16;
const MOST_LETTERS = 34;
/** Mean widths of a letter at the sizes that are drawn; measured letters would need the page's thread. */
const [TITLE_LETTER, ROW_LETTER, PADDING] = [8.6, 6.4, 24];

/** Arranges what is to be seen of a graph. */
export function sceneOf(graph: ModelGraph, closed: ReadonlySet<string>): Scene {
  const boxes = boxesOf(graph, closed);
  const drawn = boxes.boxes.map(({ members, block }) => drawnBox(graph, members, block));
  const widths = Float32Array.from(drawn, ({ title, rows }) => {
    const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
    return Math.max(60, title.length * TITLE_LETTER, longest * ROW_LETTER) + PADDING;
  });
  const heights = Float32Array.from(
    drawn,
    ({ rows }) => TITLE_HEIGHT + rows.length * ROW_HEIGHT + (rows.length > 0 ? 6 : 0),
  );
  const lines = Int32Array.from(boxes.lines.flatMap(({ from, to }) => [from, to]));
  return { ...boxes, drawn, widths, heights, layout: layout({ widths, heights, lines }) };
}

function drawnBox(graph: ModelGraph, members: readonly number[], block: string): DrawnBox {
  const node = graph.nodes[members[0] ?? 0];
  if (block !== '') return { kind: 'block', title: cut(block), rows: [`${members.length} ×`] };
  if (node === undefined) return { kind: 'other', title: '', rows: [] };
  if (node.kind !== 'op') {
    const value = graph.values.get(node.name);
    return {
      kind: 'end',
      title: cut(node.name),
      rows: value?.shape ? [`${value.type} [${value.shape.join(', ')}]`] : [],
    };
  }
  const weights = node.weights.flatMap((place) => graph.weights[place] ?? []).filter(({ shape }) => shape.length > 0);
  return { kind: kindOfOp(node.op), title: cut(node.op), rows: weights.slice(0, 4).map(weightRow) };
}

function weightRow({ name, shape }: Weight): string {
  const own = name.split(/[./]/).at(-1) ?? '';
  return `${cut(own, 18)} [${shape.join(', ')}]`;
}

function cut(text: string, most = MOST_LETTERS): string {
  return text.length > most ? `…${text.slice(text.length - most + 1)}` : text;
}
