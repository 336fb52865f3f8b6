import { html } from '../html.ts';
import { axisScale, tickText } from './axis-scale.ts';

export interface ChartInterval {
  readonly name: string;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

export interface IntervalChartOptions {
  /** What the chart shows, for those who cannot see it. */
  readonly description: string;
  readonly intervals: readonly ChartInterval[];
  /** Of the axis. */
  readonly name: string;
}

const [WIDTH, LEFT, RIGHT, ROW, FOOT] = [640, 190, 30, 26, 44];

/** A line for each interval with a dot at its estimate; a dashed line goes down from the first. Stands by itself as an SVG file. */
export function intervalChart({ description, intervals, name }: IntervalChartOptions): string {
  const height = ROW * intervals.length + FOOT;
  const low = Math.min(...intervals.map((each) => each.low));
  const high = Math.max(...intervals.map((each) => each.high));
  const scale = axisScale({ low, high, from: LEFT, to: WIDTH - RIGHT, ticks: 5 });
  const place = (value: number): string => scale.place(value).toFixed(1);
  const rows = intervals.map(({ name: label, estimate, low: from, high: to }, i) => {
    const y = ROW * i + ROW / 2 + 6;
    return html`<text x="${LEFT - 10}" y="${y + 4}" text-anchor="end">${label}</text>
<line x1="${place(from)}" x2="${place(to)}" y1="${y}" y2="${y}" stroke="#2b6cb0" stroke-width="2"/>
<circle cx="${place(estimate)}" cy="${y}" r="4" fill="#2b6cb0"><title>${label}: ${estimate.toFixed(4)} (${from.toFixed(4)} to ${to.toFixed(4)})</title></circle>`;
  });
  const foot = ROW * intervals.length + 12;
  const ticks = scale.ticks.map(
    (tick) => html`<line x1="${place(tick)}" x2="${place(tick)}" y1="6" y2="${foot}" stroke="#ddd"/>
<text x="${place(tick)}" y="${foot + 14}" text-anchor="middle">${tickText(tick)}</text>`,
  );
  const first = place(intervals[0]?.estimate ?? low);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12" role="img" aria-label="${description}">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${ticks}
<line x1="${first}" x2="${first}" y1="6" y2="${foot}" stroke="#2b6cb0" stroke-dasharray="4 3"/>
${rows}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${foot + 28}" text-anchor="middle">${name}</text>
</svg>
`.text;
}
