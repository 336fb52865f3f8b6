import type { Change } from '../compare/diff-models.ts';
import type { Camera, Size } from './camera.ts';
import { CHANGE_COLOURS, FILLS, heatColour, INK } from './palette.ts';
import type { Scene } from './scene.ts';

/** What is laid over the boxes; all by box. */
export interface Overlay {
  readonly selected: number;
  readonly found: ReadonlySet<number>;
  readonly changes: ReadonlyMap<number, Change>;
  /** Share of the slowest box, 0 to 1. */
  readonly heat: ReadonlyMap<number, number>;
  /** Lines get the shapes of their values. */
  readonly shapeOf: (value: string) => string;
}

type Surface = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Below these zooms writing, then rounded lines, are left out. */
const [TEXT_ZOOM, TITLE_ZOOM, CURVE_ZOOM] = [0.45, 0.22, 0.1];
const LINES_AT_ONCE = 100;
const FONT = 'system-ui, sans-serif';

/** Draws what is in view. @param view - of the surface, in its own pixels @returns how many boxes and lines that were */
export function drawScene(
  surface: Surface,
  view: Size,
  options: { scene: Scene; camera: Camera; overlay: Overlay },
): number {
  const { camera } = options;
  surface.setTransform(1, 0, 0, 1, 0, 0);
  surface.fillStyle = INK.background;
  surface.fillRect(0, 0, view.width, view.height);
  surface.setTransform(
    camera.zoom,
    0,
    0,
    camera.zoom,
    view.width / 2 - camera.x * camera.zoom,
    view.height / 2 - camera.y * camera.zoom,
  );
  const [halfWidth, halfHeight] = [view.width / 2 / camera.zoom, view.height / 2 / camera.zoom];
  const window = {
    left: camera.x - halfWidth,
    right: camera.x + halfWidth,
    top: camera.y - halfHeight,
    bottom: camera.y + halfHeight,
  };
  return drawLines(surface, window, options) + drawBoxes(surface, window, options);
}

interface Window {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
interface Drawing {
  readonly scene: Scene;
  readonly camera: Camera;
  readonly overlay: Overlay;
}

function drawLines(surface: Surface, window: Window, { scene, camera, overlay }: Drawing): number {
  const focused: number[] = [];
  let [traced, drawn] = [0, 0];
  surface.strokeStyle = INK.line;
  surface.lineWidth = Math.max(1.2, 0.7 / camera.zoom);
  surface.beginPath();
  for (let line = 0; line < scene.lines.length; line++) {
    if (!lineInView(scene, line, window)) continue;
    const { from, to } = scene.lines[line] ?? { from: -1, to: -1 };
    if (from === overlay.selected || to === overlay.selected) focused.push(line);
    else if (!isSpeck(scene, line, camera.zoom)) {
      traceLine(surface, scene, line, camera.zoom);
      traced++;
      drawn++;
    }
    // One long path takes far more time than its parts.
    if (traced < LINES_AT_ONCE) continue;
    traced = 0;
    surface.stroke();
    surface.beginPath();
  }
  surface.stroke();
  surface.strokeStyle = INK.lineFocus;
  surface.lineWidth *= 2;
  surface.beginPath();
  for (const line of focused) traceLine(surface, scene, line, camera.zoom);
  surface.stroke();
  if (camera.zoom >= TEXT_ZOOM) drawShapes(surface, window, { scene, camera, overlay });
  return drawn + focused.length;
}

/** Smaller than a pixel: the boxes at its ends lie over it. */
function isSpeck({ layout: { points, starts } }: Scene, line: number, zoom: number): boolean {
  const [first, last] = [starts[line] as number, (starts[line + 1] as number) - 1];
  const width = Math.abs((points[2 * last] as number) - (points[2 * first] as number));
  const height = Math.abs((points[2 * last + 1] as number) - (points[2 * first + 1] as number));
  return last - first < 2 && Math.max(width, height) * zoom < 1;
}

function lineInView({ layout }: Scene, line: number, window: Window): boolean {
  const [first, last] = [layout.starts[line] as number, (layout.starts[line + 1] as number) - 1];
  const [top, bottom] = [layout.points[2 * first + 1] as number, layout.points[2 * last + 1] as number];
  if (Math.min(top, bottom) > window.bottom || Math.max(top, bottom) < window.top) return false;
  let [left, right] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = first; i <= last; i++) {
    left = Math.min(left, layout.points[2 * i] as number);
    right = Math.max(right, layout.points[2 * i] as number);
  }
  return left <= window.right && right >= window.left;
}

function traceLine(surface: Surface, { layout: { points, starts } }: Scene, line: number, zoom: number): void {
  const [first, last] = [starts[line] as number, (starts[line + 1] as number) - 1];
  let [x, y] = [points[2 * first] as number, points[2 * first + 1] as number];
  surface.moveTo(x, y);
  for (let i = first + 1; i <= last; i++) {
    const [nextX, nextY] = [points[2 * i] as number, points[2 * i + 1] as number];
    const middle = (y + nextY) / 2;
    if (nextX === x || zoom < CURVE_ZOOM) surface.lineTo(nextX, nextY);
    else surface.bezierCurveTo(x, middle, nextX, middle, nextX, nextY);
    [x, y] = [nextX, nextY];
  }
}

/** Once a value: where its first line leaves the box. */
function drawShapes(surface: Surface, window: Window, { scene, overlay }: Drawing): void {
  surface.font = `11px ${FONT}`;
  surface.fillStyle = INK.dim;
  surface.textAlign = 'left';
  const written = new Set<string>();
  for (let line = 0; line < scene.lines.length; line++) {
    const value = scene.lines[line]?.value ?? '';
    const at = scene.layout.starts[line] as number;
    const [x, y] = [scene.layout.points[2 * at] as number, scene.layout.points[2 * at + 1] as number];
    if (written.has(value) || x < window.left - 200 || x > window.right || y < window.top || y > window.bottom)
      continue;
    written.add(value);
    const shape = overlay.shapeOf(value);
    if (shape !== '') surface.fillText(shape, x + 6, y + 14);
  }
}

function drawBoxes(surface: Surface, window: Window, drawing: Drawing): number {
  const { layout, widths, heights } = drawing.scene;
  surface.textAlign = 'center';
  const { camera, overlay } = drawing;
  const taken = new Set<number>();
  let drawn = 0;
  for (let box = 0; box < widths.length; box++) {
    const [x, y] = [layout.x[box] as number, layout.y[box] as number];
    const [halfWidth, halfHeight] = [(widths[box] as number) / 2, (heights[box] as number) / 2];
    if (x + halfWidth < window.left || x - halfWidth > window.right) continue;
    if (y + halfHeight < window.top || y - halfHeight > window.bottom) continue;
    // Of those that share a pixel one is seen.
    if (2 * Math.max(halfWidth, halfHeight) * camera.zoom < 2 && ringOf(box, overlay) === undefined) {
      const pixel = Math.floor((x - window.left) * camera.zoom) * 65_536 + Math.floor((y - window.top) * camera.zoom);
      if (taken.has(pixel)) continue;
      taken.add(pixel);
    }
    drawBox(surface, box, drawing);
    drawn++;
  }
  return drawn;
}

function drawBox(surface: Surface, box: number, { scene, camera, overlay }: Drawing): void {
  const [width, height] = [scene.widths[box] as number, scene.heights[box] as number];
  const [left, top] = [(scene.layout.x[box] as number) - width / 2, (scene.layout.y[box] as number) - height / 2];
  const drawn = scene.drawn[box];
  surface.fillStyle = fillOf(box, { scene, overlay });
  surface.beginPath();
  if (camera.zoom < CURVE_ZOOM) surface.rect(left, top, width, height);
  else surface.roundRect(left, top, width, height, 6);
  surface.fill();
  const ring = ringOf(box, overlay);
  if (ring) {
    surface.strokeStyle = ring;
    surface.lineWidth = Math.max(3, 2 / camera.zoom);
    surface.stroke();
  }
  if (!drawn || camera.zoom < TITLE_ZOOM) return;
  surface.fillStyle = INK.text;
  surface.font = `600 14px ${FONT}`;
  surface.fillText(drawn.title, left + width / 2, top + 18);
  if (camera.zoom < TEXT_ZOOM) return;
  surface.font = `11px ${FONT}`;
  for (const [i, row] of drawn.rows.entries()) surface.fillText(row, left + width / 2, top + 36 + 16 * i);
}

/** Fill of a box: its kind, or its time where times are shown. */
export function fillOf(box: number, { scene, overlay }: Pick<Drawing, 'scene' | 'overlay'>): string {
  if (overlay.heat.size > 0) return heatColour(overlay.heat.get(box) ?? 0);
  return FILLS[scene.drawn[box]?.kind ?? 'other'];
}

/** Frame of a box, if any. */
export function ringOf(box: number, { selected, found, changes }: Overlay): string | undefined {
  if (box === selected) return INK.focus;
  const change = changes.get(box);
  if (change) return CHANGE_COLOURS[change];
  return found.has(box) ? INK.found : undefined;
}
