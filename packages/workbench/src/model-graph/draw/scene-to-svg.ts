import { fillOf, type Overlay, ringOf } from './draw-scene.ts';
import { INK } from './palette.ts';
import type { Scene } from './scene.ts';

/** The whole picture as an SVG file. */
export function sceneToSvg(scene: Scene, overlay: Overlay): string {
  const { width, height } = scene.layout;
  const lines = scene.lines.map((_, line) => pathOf(scene, line)).join('');
  const boxes = scene.drawn.map((_, box) => boxSvg(scene, box, overlay)).join('\n');
  const [w, h] = [Math.ceil(width), Math.ceil(height + 40)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 -20 ${w} ${h}" font-family="system-ui, sans-serif">
<rect y="-20" width="${w}" height="${h}" fill="${INK.background}"/>
<path d="${lines}" fill="none" stroke="${INK.line}" stroke-width="1.2"/>
${boxes}
</svg>
`;
}

function pathOf({ layout: { points, starts } }: Scene, line: number): string {
  const [first, last] = [starts[line] as number, (starts[line + 1] as number) - 1];
  const at = (i: number): [number, number] => [round(points[2 * i]), round(points[2 * i + 1])];
  let [x, y] = at(first);
  let path = `M${x} ${y}`;
  for (let i = first + 1; i <= last; i++) {
    const [nextX, nextY] = at(i);
    const middle = round((y + nextY) / 2);
    path += nextX === x ? `V${nextY}` : `C${x} ${middle} ${nextX} ${middle} ${nextX} ${nextY}`;
    [x, y] = [nextX, nextY];
  }
  return path;
}

function boxSvg(scene: Scene, box: number, overlay: Overlay): string {
  const [width, height] = [scene.widths[box] as number, scene.heights[box] as number];
  const [x, y] = [scene.layout.x[box] as number, scene.layout.y[box] as number];
  const [left, top, middle] = [round(x - width / 2), round(y - height / 2), round(x)];
  const ring = ringOf(box, overlay);
  const frame = ring ? ` stroke="${ring}" stroke-width="3"` : '';
  const { title = '', rows = [] } = scene.drawn[box] ?? {};
  const texts = rows.map(
    (row, i) =>
      `<text x="${middle}" y="${round(top + 36 + 16 * i)}" font-size="11" text-anchor="middle" fill="${INK.text}">${escaped(row)}</text>`,
  );
  return `<rect x="${left}" y="${top}" width="${round(width)}" height="${round(height)}" rx="6" fill="${fillOf(box, { scene, overlay })}"${frame}/>
<text x="${middle}" y="${round(top + 18)}" font-size="14" font-weight="600" text-anchor="middle" fill="${INK.text}">${escaped(title)}</text>${texts.join('')}`;
}

function round(value: number | undefined): number {
  return Math.round((value ?? 0) * 10) / 10;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"]/g, (letter) => ENTITIES[letter] ?? '').replaceAll(/\p{Cc}/gu, ' ');
}
