import { type Html, html } from '../html.ts';
import { type AxisScale, axisScale, tickText } from './axis-scale.ts';
import { quartiles } from './quartiles.ts';

export interface Strip {
  readonly name: string;
  /** Of CSS. */
  readonly colour: string;
  readonly values: readonly { readonly value: number; readonly title: string }[];
}

export interface StripChartOptions {
  readonly description: string;
  readonly strips: readonly Strip[];
  readonly valueName: string;
}

const WIDTH = 1000;
const ROW = 52;
const EDGE = { left: 130, right: 16, top: 8, bottom: 40 };

/** Every case as a dot, a row a class, with a box from quartile to quartile and a line at the median. */
export function stripChart({ strips, description, valueName }: StripChartOptions): Html {
  const height = EDGE.top + EDGE.bottom + ROW * strips.length;
  const all = strips.flatMap(({ values }) => values.map(({ value }) => value));
  if (all.length === 0) return html`<p class="muted">No case was measured.</p>`;
  const x = axisScale({
    low: Math.min(...all),
    high: Math.max(1, ...all),
    from: EDGE.left,
    to: WIDTH - EDGE.right,
    ticks: 8,
  });
  const bottom = height - EDGE.bottom;
  const ticks = x.ticks.map(
    (tick) =>
      html`<line x1="${place(x, tick)}" x2="${place(x, tick)}" y1="${EDGE.top}" y2="${bottom}" class="grid"/><text x="${place(x, tick)}" y="${bottom + 17}" class="tick" text-anchor="middle">${tickText(tick)}</text>`,
  );
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${description}">
${ticks}
<text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${height - 6}" class="name" text-anchor="middle">${valueName}</text>
${strips.map((strip, row) => drawStrip(strip, x, EDGE.top + ROW * (row + 0.5)))}
</svg>`;
}

function drawStrip({ name, colour, values }: Strip, x: AxisScale, y: number): Html {
  const scores = quartiles(values.map(({ value }) => value));
  const [low, median, high] = scores.map((score) => place(x, score)) as [number, number, number];
  const dots = values.map(
    ({ value, title }, i) =>
      html`<circle cx="${place(x, value)}" cy="${(y + spread(i)).toFixed(1)}" r="3.6" fill="${colour}" fill-opacity="0.75"><title>${title}</title></circle>`,
  );
  return html`<g><text x="${EDGE.left - 12}" y="${y + 4}" class="row" text-anchor="end">${name}</text>
<rect x="${low}" y="${y - 15}" width="${Math.max(0, high - low).toFixed(1)}" height="30" rx="4" fill="${colour}" fill-opacity="0.16" stroke="${colour}" stroke-opacity="0.6"/>
${dots}
<line x1="${median}" x2="${median}" y1="${y - 18}" y2="${y + 18}" class="median"><title>median ${tickText(Number(scores[1].toFixed(3)))}</title></line></g>`;
}

function place(scale: AxisScale, value: number): number {
  return Number(scale.place(value).toFixed(1));
}

/** Dots side by side instead of on top of each other: multiples of the golden ratio fill a range evenly. */
function spread(index: number): number {
  return (((index + 1) * 0.618034) % 1) * 20 - 10;
}
