import { type KeyboardEvent, type MouseEvent, type PointerEvent, useCallback, useEffect, useMemo, useRef } from 'react';
import { type Camera, fitted, zoomedAt } from '../draw/camera.ts';
import { drawScene, type Overlay } from '../draw/draw-scene.ts';
import { KeptPicture } from '../draw/kept-picture.ts';
import type { Scene } from '../draw/scene.ts';
import { boxAt, type Direction, walk } from '../draw/walk.ts';
import styles from './model-graph.module.css';

interface Props {
  readonly scene: Scene;
  readonly overlay: Overlay;
  readonly label: string;
  /** Comes into the middle of the view when it changes. */
  readonly centred: number;
  select(box: number): void;
  /** Enter or a double click: into a block or a graph inside. */
  enter(box: number): void;
}

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};
const CLICK_PIXELS = 4;
/** After a movement. */
const REST_MS = 120;

/** The picture of a graph: wheel zooms, dragging moves, arrows go along the lines. */
export function GraphCanvas({ scene, overlay, label, centred, select, enter }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const camera = useRef<Camera>({ x: 0, y: 0, zoom: 1 });
  const latest = useRef({ scene, overlay });
  latest.current = { scene, overlay };
  const draw = useDrawing(canvas, camera, latest);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture is looked at from its beginning
  useEffect(() => {
    const view = canvas.current;
    const start = scene.layout.x[scene.layout.layers.indexOf(0)] ?? 0;
    if (view) camera.current = fitted(scene.layout, { width: view.clientWidth, height: view.clientHeight }, start);
    draw();
  }, [scene]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew when what lies over it changes
  useEffect(draw, [overlay]);
  useEffect(() => {
    const { x, y } = latest.current.scene.layout;
    if (centred < 0 || x[centred] === undefined) return;
    camera.current = { x: x[centred], y: y[centred] ?? 0, zoom: Math.max(0.6, camera.current.zoom) };
    draw();
  }, [centred, draw]);
  useWheel(canvas, camera, draw);

  const gestures = useGestures({ canvas, camera, draw, scene, select, enter });
  const press = (event: KeyboardEvent): void => {
    const view = canvas.current;
    const next = keyed(event.key, { scene, camera: camera.current, selected: overlay.selected, view });
    if (event.key === 'Enter') enter(overlay.selected);
    else if (next === undefined) return;
    else {
      camera.current = next.camera;
      if (next.selected !== overlay.selected) select(next.selected);
    }
    event.preventDefault();
    draw();
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture is walked by the keyboard
    <div role="application" className={styles['picture']} aria-label={label} tabIndex={0} onKeyDown={press}>
      <canvas ref={canvas} className={styles['canvas']} data-boxes={scene.boxes.length} {...gestures} />
    </div>
  );
}

interface Looking {
  readonly scene: Scene;
  readonly camera: Camera;
  readonly selected: number;
  readonly view: HTMLCanvasElement | null;
}

/** What a key does to where one looks and what is chosen; undefined for keys that do nothing. */
function keyed(
  key: string,
  { scene, camera, selected, view }: Looking,
): { camera: Camera; selected: number } | undefined {
  const direction = ARROWS[key];
  if (direction) {
    const next = walk(scene, selected, direction);
    return {
      selected: next,
      camera: { ...camera, x: scene.layout.x[next] ?? camera.x, y: scene.layout.y[next] ?? camera.y },
    };
  }
  if (key === 'Escape') return { selected: -1, camera };
  if (key === '+' || key === '=') return { selected, camera: zoomedAt(camera, 1.25) };
  if (key === '-') return { selected, camera: zoomedAt(camera, 0.8) };
  if (key !== '0' || !view) return undefined;
  return { selected, camera: fitted(scene.layout, { width: view.clientWidth, height: view.clientHeight }) };
}

interface Gestures extends Pick<Props, 'scene' | 'select' | 'enter'> {
  readonly canvas: Ref<HTMLCanvasElement | null>;
  readonly camera: { current: Camera };
  draw(): void;
}

/** Dragging moves, a click chooses, a double click enters. */
function useGestures({ canvas, camera, draw, scene, select, enter }: Gestures) {
  const drag = useRef<{ x: number; y: number; from: Camera }>(undefined);
  const boxUnder = ({ clientX, clientY }: { clientX: number; clientY: number }): number => {
    const box = canvas.current?.getBoundingClientRect() ?? new DOMRect();
    const { x, y, zoom } = camera.current;
    return boxAt(
      scene,
      x + (clientX - box.left - box.width / 2) / zoom,
      y + (clientY - box.top - box.height / 2) / zoom,
    );
  };
  return {
    onPointerDown: (event: PointerEvent): void => {
      event.currentTarget.setPointerCapture(event.pointerId);
      drag.current = { x: event.clientX, y: event.clientY, from: camera.current };
    },
    onPointerMove: (event: PointerEvent): void => {
      if (!drag.current) return;
      const { x, y, from } = drag.current;
      camera.current = {
        ...from,
        x: from.x - (event.clientX - x) / from.zoom,
        y: from.y - (event.clientY - y) / from.zoom,
      };
      draw();
    },
    onPointerUp: (event: PointerEvent): void => {
      const start = drag.current;
      drag.current = undefined;
      if (start && Math.hypot(event.clientX - start.x, event.clientY - start.y) < CLICK_PIXELS) select(boxUnder(event));
    },
    onDoubleClick: (event: MouseEvent): void => enter(boxUnder(event)),
  };
}

interface Ref<T> {
  readonly current: T;
}

/** One drawing a frame at most, at the resolution of the screen. */
function useDrawing(
  canvas: Ref<HTMLCanvasElement | null>,
  camera: Ref<Camera>,
  latest: Ref<{ scene: Scene; overlay: Overlay }>,
): () => void {
  const frame = useRef(0);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  const kept = useMemo(() => new KeptPicture(), []);
  const shown = useRef(latest.current);
  const paint = useCallback(
    (moving: boolean) => {
      const view = canvas.current;
      // Drawn by the processor: without a graphics card lines and words take a tenth of the time so.
      const surface = view?.getContext('2d', { alpha: false, willReadFrequently: true });
      if (!view || !surface) return;
      const ratio = devicePixelRatio;
      const size = { width: Math.round(view.clientWidth * ratio), height: Math.round(view.clientHeight * ratio) };
      if (view.width !== size.width || view.height !== size.height) Object.assign(view, size);
      const from = { ...camera.current, zoom: camera.current.zoom * ratio };
      const { scene, overlay } = latest.current;
      if (scene !== shown.current.scene || overlay !== shown.current.overlay) kept.forget();
      shown.current = { scene, overlay };
      clearTimeout(rest.current);
      if (moving && kept.show(surface, size, from)) {
        rest.current = setTimeout(() => paint(false), REST_MS);
        return;
      }
      kept.keep(view, from, drawScene(surface, size, { scene, overlay, camera: from }));
    },
    [canvas, camera, latest, kept],
  );
  const draw = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => paint(true));
  }, [paint]);
  useEffect(() => {
    const observer = new ResizeObserver(draw);
    if (canvas.current) observer.observe(canvas.current);
    return () => {
      observer.disconnect();
      clearTimeout(rest.current);
    };
  }, [canvas, draw]);
  return draw;
}

/** React's own wheel handlers cannot keep the page from scrolling. */
function useWheel(canvas: Ref<HTMLCanvasElement | null>, camera: { current: Camera }, draw: () => void): void {
  useEffect(() => {
    const view = canvas.current;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      if (event.shiftKey)
        camera.current = { ...camera.current, x: camera.current.x + event.deltaY / camera.current.zoom };
      else {
        const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
        const at = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
        camera.current = zoomedAt(camera.current, 1.0015 ** -event.deltaY, at);
      }
      draw();
    };
    view?.addEventListener('wheel', turn, { passive: false });
    return () => view?.removeEventListener('wheel', turn);
  }, [canvas, camera, draw]);
}
