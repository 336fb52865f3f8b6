import type { Triple } from '@vesalius/volume';
import type { ToolMark, ViewPointerEvent, ViewTool } from '../viewer/viewport-contract.ts';
import type { AnnotationWork } from './annotation-work.ts';
import { between, brushVoxels, spacingOf } from './editing/brush.ts';
import { growRegion } from './editing/grow-region.ts';

export type ToolName = 'brush' | 'eraser' | 'threshold' | 'region' | 'click';

export interface ToolChoice {
  readonly name: ToolName;
  /** Of the class in hand. */
  readonly value: number;
  readonly color: string;
  readonly radiusMm: number;
  /** A ball, or a region through slices, instead of one slice. */
  readonly through: boolean;
  /** How far values may lie from that under the pointer. */
  readonly tolerance: number;
}

const MOST_GROWN = 5_000_000;
/** The part of a radius that is a short enough step for a stroke without gaps. */
const STEP = 0.25;

/** The tool in hand over a work; `onClick` asks a model. */
export function toolOf(
  work: AnnotationWork,
  choice: ToolChoice,
  onClick: (voxel: Triple, isBackground: boolean) => void,
): ViewTool {
  if (choice.name === 'region') return { cursor: 'crosshair', onPointer: regionTool(work, choice) };
  if (choice.name === 'click') return { cursor: 'crosshair', onPointer: clickTool(onClick) };
  return { cursor: 'none', onPointer: strokeTool(work, choice) };
}

function strokeTool(work: AnnotationWork, choice: ToolChoice): ViewTool['onPointer'] {
  const { host, history } = work;
  const { grid } = host.series;
  let last: Triple | undefined;
  let seed = 0;
  let values: ArrayLike<number> | undefined;
  if (choice.name === 'threshold') void host.series.voxels().then((loaded) => (values = loaded));
  const step = grid ? Math.max(0.5, (STEP * choice.radiusMm) / Math.max(...spacingOf(grid))) : 1;
  const paint = (event: ViewPointerEvent, centre: Triple) => {
    if (!grid) return;
    const brush = { centre, radiusMm: choice.radiusMm, ...(choice.through ? {} : { axis: event.axis }) };
    const covered = brushVoxels(grid, brush);
    const alike =
      choice.name === 'threshold' ? within(covered, values, { seed, tolerance: choice.tolerance }) : covered;
    const bounds = history.set(alike, choice.name === 'eraser' ? 0 : choice.value);
    if (bounds) work.changed(bounds);
  };
  return (event) => {
    host.showMarks(event.kind === 'leave' ? [] : [ring(event, choice)]);
    if (event.kind === 'down' && event.button === 0) {
      last = event.voxel;
      seed = valueAt(values, event.voxel, grid?.size);
      paint(event, event.voxel);
      return true;
    }
    if (event.kind === 'move' && last) {
      for (const place of between(last, event.voxel, step)) paint(event, place);
      last = event.voxel;
      return true;
    }
    if (!last) return false;
    last = undefined;
    if (history.end()) work.changed();
    return true;
  };
}

function ring({ voxel }: ViewPointerEvent, { color, radiusMm }: ToolChoice): ToolMark {
  return { points: [voxel], closed: false, color, radiusMm };
}

function valueAt(values: ArrayLike<number> | undefined, voxel: Triple, size: Triple | undefined): number {
  if (!values || !size) return 0;
  const [x, y, z] = voxel.map(Math.round) as unknown as Triple;
  return values[x + size[0] * (y + size[1] * z)] ?? 0;
}

function* within(
  voxels: Iterable<number>,
  values: ArrayLike<number> | undefined,
  { seed, tolerance }: { readonly seed: number; readonly tolerance: number },
): Generator<number> {
  for (const i of voxels) if (values && Math.abs((values[i] ?? Infinity) - seed) <= tolerance) yield i;
}

function regionTool(work: AnnotationWork, { value, tolerance, through }: ToolChoice): ViewTool['onPointer'] {
  return (event) => {
    const { grid } = work.host.series;
    if (event.kind !== 'down' || event.button !== 0 || !grid) return event.kind === 'move' && event.button === 0;
    const growing = { seed: event.voxel, tolerance, most: MOST_GROWN, ...(through ? {} : { axis: event.axis }) };
    void work.host.series.voxels().then((values) => {
      const bounds = work.history.set(growRegion(values, grid.size, growing), value);
      if (work.history.end()) work.changed(bounds);
    });
    return true;
  };
}

function clickTool(onClick: (voxel: Triple, isBackground: boolean) => void): ViewTool['onPointer'] {
  return (event) => {
    const taken = event.button === 0 || event.button === 2;
    if (event.kind === 'down' && taken) onClick(event.voxel, event.button === 2 || event.modifiers.alt);
    return taken && event.kind !== 'leave';
  };
}
