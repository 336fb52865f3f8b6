import type { Boxes } from './layout.ts';

/** Lines over more layers than this run in lanes beside the boxes instead of bending through every layer. */
const MOST_BENDS = 8;
const BEND_WIDTH = 10;

/** The boxes and, behind them, the bends of lines that pass layers; `up` and `down` are the neighbours of each. */
export interface Net {
  readonly widths: Float32Array;
  readonly layers: Int32Array;
  /** How many of the items are boxes. */
  readonly boxes: number;
  readonly up: readonly (readonly number[])[];
  readonly down: readonly (readonly number[])[];
  /** First bend of each line, or -1; a line's bends follow each other downward. */
  readonly firstBend: Int32Array;
}

/** Puts a bend in each layer that a short line passes. */
export function withBends({ widths, lines }: Boxes, layers: Int32Array): Net {
  const count = widths.length;
  const up: number[][] = Array.from({ length: count }, () => []);
  const down: number[][] = Array.from({ length: count }, () => []);
  const bendLayers: number[] = [];
  const firstBend = new Int32Array(lines.length / 2).fill(-1);
  const join = (above: number, below: number): void => {
    down[above]?.push(below);
    up[below]?.push(above);
  };
  for (let i = 0; i < firstBend.length; i++) {
    const { above, below, span } = endsOf(lines, layers, i);
    if (span < 1 || span > MOST_BENDS + 1) continue;
    let last = above;
    for (let step = 1; step < span; step++) {
      const bend = count + bendLayers.length;
      if (step === 1) firstBend[i] = bend;
      bendLayers.push((layers[above] as number) + step);
      up.push([]);
      down.push([]);
      join(last, bend);
      last = bend;
    }
    join(last, below);
  }
  const all = new Float32Array(count + bendLayers.length).fill(BEND_WIDTH);
  all.set(widths);
  return { widths: all, layers: Int32Array.of(...layers, ...bendLayers), boxes: count, up, down, firstBend };
}

/** Upper and lower end of a line, and how many layers lie between their layers and the next. */
export function endsOf(
  lines: Int32Array,
  layers: Int32Array,
  line: number,
): { above: number; below: number; span: number } {
  const [from, to] = [lines[2 * line] as number, lines[2 * line + 1] as number];
  const span = (layers[to] as number) - (layers[from] as number);
  return span < 0 ? { above: to, below: from, span: -span } : { above: from, below: to, span };
}
