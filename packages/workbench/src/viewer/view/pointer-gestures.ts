import { POINTS } from '../measure/measurement.ts';
import { type PlaneLayout, pixelToVoxel } from '../slices/plane-layout.ts';
import type { ViewPointerEvent } from '../viewport-contract.ts';
import { type Camera, cameraMatrix, invertMatrix, transformPoint } from './camera.ts';
import type { PointerTool, ViewModel } from './view-model.ts';

export interface GestureView {
  readonly model: ViewModel;
  readonly layout: PlaneLayout;
  /** What takes the pointer. */
  readonly surface: HTMLElement;
  readonly slice: () => number;
  readonly camera: () => Camera;
  readonly setCamera: (camera: Camera) => void;
}

/** The pixels of a drag that pass one slice. */
const DRAG_PER_SLICE = 6;

/** Mouse, pen and fingers on a view. @returns how to end it */
export function listenToPointers(view: GestureView): () => void {
  const { surface, model, layout } = view;
  const down = new Map<number, PointerEvent>();
  let drag: ((event: PointerEvent, last: PointerEvent) => void) | undefined;

  const onDown = (event: PointerEvent) => {
    surface.setPointerCapture(event.pointerId);
    down.set(event.pointerId, event);
    model.update({ active: { plane: layout.plane, axis: layout.axis } });
    if (down.size === 2) drag = undefined;
    else if (!taken(view, event, 'down')) drag = dragOf(view, event);
  };
  const onMove = (event: PointerEvent) => {
    const last = down.get(event.pointerId);
    if (last && down.size === 2) pinch(view, down, event);
    else if (!(last && drag)) {
      taken(view, event, 'move');
    } else drag(event, last);
    if (last) down.set(event.pointerId, event);
  };
  const onUp = (event: PointerEvent) => {
    if (down.delete(event.pointerId) && !drag) taken(view, event, 'up');
    drag = undefined;
  };
  const onLeave = (event: PointerEvent) => taken(view, event, 'leave');
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    if (event.ctrlKey) zoom(view, event.deltaY < 0 ? 1.1 : 1 / 1.1);
    else model.step(layout.axis, Math.sign(event.deltaY));
  };
  const noMenu = (event: Event) => event.preventDefault();
  const stop = new AbortController();
  const { signal } = stop;
  surface.addEventListener('pointerdown', onDown, { signal });
  surface.addEventListener('pointermove', onMove, { signal });
  surface.addEventListener('pointerup', onUp, { signal });
  surface.addEventListener('pointercancel', onUp, { signal });
  surface.addEventListener('pointerleave', onLeave, { signal });
  surface.addEventListener('wheel', onWheel, { passive: false, signal });
  surface.addEventListener('contextmenu', noMenu, { signal });
  return () => stop.abort();
}

/** The voxel under the pointer. */
function voxelAt(view: GestureView, event: PointerEvent) {
  const { surface, layout } = view;
  const box = surface.getBoundingClientRect();
  const matrix = invertMatrix(cameraMatrix(view.camera(), layout, [box.width, box.height]));
  const [x, y] = transformPoint(matrix, [event.clientX - box.left, event.clientY - box.top]);
  return pixelToVoxel(layout, [x - 0.5, y - 0.5], view.slice());
}

function taken(view: GestureView, event: PointerEvent, kind: ViewPointerEvent['kind']): boolean {
  const tool = view.model.state.taken;
  // The wheel's button always pans.
  if (!tool || event.button === 1 || event.buttons === 4) return false;
  const held = event.buttons & 1 ? 0 : event.buttons & 2 ? 2 : -1;
  return tool.onPointer({
    kind,
    voxel: voxelAt(view, event),
    plane: view.layout.plane,
    axis: view.layout.axis,
    button: kind === 'move' ? held : event.button,
    pressure: event.pressure,
    modifiers: { shift: event.shiftKey, ctrl: event.ctrlKey || event.metaKey, alt: event.altKey },
  });
}

type Drag = (event: PointerEvent, last: PointerEvent) => void;

function dragOf(view: GestureView, event: PointerEvent): Drag {
  const { tool } = view.model.state;
  if (event.button === 1) return DRAGS(view).pan;
  if (event.button === 2) return DRAGS(view).zoom;
  if (event.pointerType === 'touch' && tool === 'window') return DRAGS(view).scroll;
  if (tool === 'window' || tool === 'pan' || tool === 'zoom') return DRAGS(view)[tool];
  if (tool === 'crosshairs') return follow(view, event);
  return measure(view, tool, event);
}

const DRAGS = (view: GestureView) => {
  const { model } = view;
  let passed = 0;
  return {
    window: (event: PointerEvent, last: PointerEvent) => {
      const { window = { center: 0, width: 1 } } = model.state;
      const step = Math.max(window.width, 1e-6) / 250;
      const width = Math.max(step, window.width + (event.clientX - last.clientX) * step);
      model.update({ window: { width, center: window.center + (event.clientY - last.clientY) * step } });
    },
    pan: (event: PointerEvent, last: PointerEvent) => {
      const camera = view.camera();
      const { height } = view.surface.getBoundingClientRect();
      const pan = [
        camera.pan[0] + (event.clientX - last.clientX) / height,
        camera.pan[1] + (event.clientY - last.clientY) / height,
      ] as const;
      view.setCamera({ ...camera, pan });
    },
    zoom: (event: PointerEvent, last: PointerEvent) => zoom(view, 1.005 ** (last.clientY - event.clientY)),
    scroll: (event: PointerEvent, last: PointerEvent) => {
      passed += event.clientY - last.clientY;
      const by = Math.trunc(passed / DRAG_PER_SLICE);
      passed -= by * DRAG_PER_SLICE;
      if (by !== 0) model.step(view.layout.axis, by);
    },
  } satisfies Record<string, Drag>;
};

function zoom(view: GestureView, by: number): void {
  const camera = view.camera();
  view.setCamera({ ...camera, zoom: Math.min(40, Math.max(0.2, camera.zoom * by)) });
}

function follow(view: GestureView, event: PointerEvent): Drag {
  const move = (now: PointerEvent) => {
    const voxel = voxelAt(view, now).map((value, axis) => {
      const most = view.model.series.grid?.size[axis] ?? Number.POSITIVE_INFINITY;
      return Math.min(most - 1, Math.max(0, Math.round(value)));
    });
    view.model.update({ voxel: voxel as [number, number, number] });
  };
  move(event);
  return move;
}

/** Begins a measurement, or gives the one in the making its next point. */
function measure(
  view: GestureView,
  kind: Exclude<PointerTool, 'window' | 'pan' | 'zoom' | 'crosshairs'>,
  event: PointerEvent,
): Drag {
  const { model, layout } = view;
  const point = voxelAt(view, event);
  const all = model.state.measurements;
  const open = all.find((one) => one.kind === kind && one.axis === layout.axis && one.points.length < POINTS[kind]);
  const id = open?.id ?? 1 + Math.max(0, ...all.map((one) => one.id));
  const before = open?.points ?? [point];
  const put = (points: typeof before) => {
    const others = model.state.measurements.filter((one) => one.id !== id);
    const slice = view.slice();
    model.update({ measurements: [...others, { id, kind, axis: layout.axis, slice, points }] });
  };
  if (open) put([...before, point]);
  else put([point]);
  if (POINTS[kind] === 1) return () => undefined;
  return (now) => put([...before, voxelAt(view, now)]);
}

/** Two fingers: apart is larger, together they move the picture. */
function pinch(view: GestureView, down: ReadonlyMap<number, PointerEvent>, event: PointerEvent): void {
  const last = down.get(event.pointerId);
  const other = [...down.values()].find(({ pointerId }) => pointerId !== event.pointerId);
  if (!last || !other) return;
  const apart = (one: PointerEvent) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  zoom(view, apart(event) / Math.max(1, apart(last)));
  DRAGS(view).pan(
    { clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 } as PointerEvent,
    { clientX: (last.clientX + other.clientX) / 2, clientY: (last.clientY + other.clientY) / 2 } as PointerEvent,
  );
}
