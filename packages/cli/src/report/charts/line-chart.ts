import { Html, html } from '../html.ts';
import { type AxisScale, axisScale, tickText } from './axis-scale.ts';

interface ChartPoint {
  readonly x: number;
  readonly y: number;
  /** Shown while the pointer rests on it. */
  readonly title: string;
}

export interface LineChartOptions {
  /** What the chart shows, for those who cannot see it. */
  readonly description: string;
  readonly points: readonly ChartPoint[];
  readonly xName: string;
  readonly yName: string;
  /** Of CSS. */
  readonly colour: string;
  /** Ends the axis must reach. */
  readonly yLow?: number;
  readonly yHigh?: number;
  /** Mark every point, where there are few. */
  readonly marks?: boolean;
}

const WIDTH = 520;
const HEIGHT = 260;
const EDGE = { left: 52, right: 14, top: 14, bottom: 40 };
const MOST_POINTS = 240;

/** A curve with axes, as SVG. */
export function lineChart({
  points,
  description,
  xName,
  yName,
  colour,
  marks = false,
  ...ends
}: LineChartOptions): Html {
  if (points.length === 0) return html`<p class="muted">Nothing was measured.</p>`;
  const shown = thin(points);
  const [xs, ys] = [shown.map(({ x }) => x), shown.map(({ y }) => y)];
  const x = axisScale({
    low: Math.min(0, ...xs),
    high: Math.max(...xs),
    from: EDGE.left,
    to: WIDTH - EDGE.right,
    ticks: 6,
  });
  const yEnds = {
    low: Math.min(...ys, ends.yLow ?? Number.POSITIVE_INFINITY),
    high: Math.max(...ys, ends.yHigh ?? Number.NEGATIVE_INFINITY),
  };
  const y = axisScale({ ...yEnds, from: HEIGHT - EDGE.bottom, to: EDGE.top, ticks: 5 });
  const path = shown.map((point, i) => `${i === 0 ? 'M' : 'L'}${at(x, point.x)} ${at(y, point.y)}`).join('');
  const radius = marks ? 3.5 : 7;
  const dots = shown.map(
    (point) =>
      html`<circle cx="${at(x, point.x)}" cy="${at(y, point.y)}" r="${radius}" fill="${marks ? colour : 'transparent'}"><title>${point.title}</title></circle>`,
  );
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${description}">
${axes(x, y)}
<text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 6}" class="name" text-anchor="middle">${xName}</text>
<text x="14" y="${(HEIGHT - EDGE.bottom + EDGE.top) / 2}" class="name" text-anchor="middle" transform="rotate(-90 14 ${(HEIGHT - EDGE.bottom + EDGE.top) / 2})">${yName}</text>
<path d="${path}" fill="none" stroke="${colour}" stroke-width="2.2" stroke-linejoin="round" stroke-linecap="round"/>
${dots}
</svg>`;
}

function axes(x: AxisScale, y: AxisScale): Html {
  const rows = y.ticks.map(
    (tick) =>
      html`<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${at(y, tick)}" y2="${at(y, tick)}" class="grid"/><text x="${EDGE.left - 8}" y="${at(y, tick) + 4}" class="tick" text-anchor="end">${tickText(tick)}</text>`,
  );
  const columns = x.ticks.map(
    (tick) =>
      html`<text x="${at(x, tick)}" y="${HEIGHT - EDGE.bottom + 17}" class="tick" text-anchor="middle">${tickText(tick)}</text>`,
  );
  return new Html([...rows, ...columns].map(({ text }) => text).join('\n'));
}

function at(scale: AxisScale, value: number): number {
  return Number(scale.place(value).toFixed(1));
}

/** Means of neighbours where there are more points than a curve can show. */
function thin(points: readonly ChartPoint[]): ChartPoint[] {
  const size = Math.ceil(points.length / MOST_POINTS);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size);
    const last = group.at(-1) as ChartPoint;
    return { ...last, y: group.reduce((sum, { y }) => sum + y, 0) / group.length };
  });
}
