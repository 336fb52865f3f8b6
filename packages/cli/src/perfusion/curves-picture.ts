import { type AxisScale, axisScale, tickText } from '../report/charts/axis-scale.ts';
import { classColourCss } from '../report/class-colours.ts';
import { type Html, html } from '../report/html.ts';

export interface NamedCurve {
  readonly name: string;
  readonly values: Float64Array;
}

/** A slice of a map as PNG. */
export interface MapPicture {
  readonly title: string;
  readonly png: Uint8Array;
}

export interface CurvesPictureOptions {
  readonly seconds: Float64Array;
  readonly curves: readonly NamedCurve[];
  readonly arrivalSeconds: number;
  readonly maps: readonly MapPicture[];
}

const WIDTH = 640;
const HEIGHT = 320;
const EDGE = { left: 60, right: 130, top: 20, bottom: 46 };
const MAP_SIZE = 150;

/** Mean curves of each type with the arrival, and slices of the maps below, as an SVG file. */
export function curvesPicture({ seconds, curves, arrivalSeconds, maps }: CurvesPictureOptions): string {
  const values = curves.flatMap((curve) => [...curve.values]);
  const x = axisScale({ low: 0, high: seconds.at(-1) ?? 1, from: EDGE.left, to: WIDTH - EDGE.right, ticks: 6 });
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const y = axisScale({ low, high, from: HEIGHT - EDGE.bottom, to: EDGE.top, ticks: 5 });
  const height = HEIGHT + (maps.length > 0 ? MAP_SIZE + 40 : 0);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" role="img" aria-label="Mean signal of each curve type over time">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
${axes(x, y)}
<line x1="${place(x, arrivalSeconds)}" x2="${place(x, arrivalSeconds)}" y1="${EDGE.top}" y2="${HEIGHT - EDGE.bottom}" stroke="#555555" stroke-dasharray="4 4"/>
<text x="${place(x, arrivalSeconds) + 4}" y="${EDGE.top + 10}" fill="#555555">arrival</text>
${curves.map((curve, i) => line(curve, i, { seconds, x, y }))}
${maps.map(mapImage)}
</svg>
`.text;
}

function line(
  { name, values }: NamedCurve,
  index: number,
  scales: { seconds: Float64Array; x: AxisScale; y: AxisScale },
): Html {
  const points = [...values].map((value, t) => `${place(scales.x, scales.seconds[t] ?? 0)},${place(scales.y, value)}`);
  const at = EDGE.top + 20 + 20 * index;
  return html`<polyline points="${points.join(' ')}" fill="none" stroke="${classColourCss(index)}" stroke-width="2"/>
<line x1="${WIDTH - EDGE.right + 12}" x2="${WIDTH - EDGE.right + 32}" y1="${at}" y2="${at}" stroke="${classColourCss(index)}" stroke-width="3"/>
<text x="${WIDTH - EDGE.right + 38}" y="${at + 4}">${name}</text>`;
}

function mapImage({ title, png }: MapPicture, index: number): Html {
  const left = 10 + index * (MAP_SIZE + 8);
  const data = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return html`<image x="${left}" y="${HEIGHT + 22}" width="${MAP_SIZE}" height="${MAP_SIZE}" href="${data}"/>
<text x="${left}" y="${HEIGHT + 14}">${title}</text>`;
}

function axes(x: AxisScale, y: AxisScale): Html {
  const bottom = HEIGHT - EDGE.bottom;
  const rows = y.ticks.map(
    (tick) =>
      html`<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${place(y, tick)}" y2="${place(y, tick)}" stroke="#dddddd"/><text x="${EDGE.left - 8}" y="${place(y, tick) + 4}" text-anchor="end">${tickText(tick)}</text>`,
  );
  const columns = x.ticks.map(
    (tick) => html`<text x="${place(x, tick)}" y="${bottom + 17}" text-anchor="middle">${tickText(tick)}</text>`,
  );
  return html`${[...rows, ...columns]}
<text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">seconds</text>
<text x="14" y="${bottom / 2}" text-anchor="middle" transform="rotate(-90 14 ${bottom / 2})">signal</text>`;
}

function place(scale: AxisScale, value: number): number {
  return Number(scale.place(value).toFixed(1));
}
