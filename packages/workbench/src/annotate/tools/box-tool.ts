import { spacingMm, type Triple } from '@vesalius/volume';
import { fillBox } from '../editing/fill-box.ts';
import { type Axis, type Box, boxBetween, isEmpty } from '../editing/region.ts';
import { clicksOfBox } from './clicks-of-box.ts';
import type { OnPointer, ToolContext } from './tool.ts';

/** A box fills what in it is like its middle, or tells a model where to look. */
export function boxTool({ work, choice, ask, mark }: ToolContext): OnPointer {
  const { history, host } = work;
  const { value, color, through, boxAsks } = choice;
  let start: Triple | undefined;
  const fill = async (box: Box) => {
    const values = await host.series.voxels();
    const bounds = history.add(fillBox(values, history.size, box), value);
    if (history.end()) work.changed(bounds);
  };
  return (event) => {
    if (event.kind === 'down' && event.button === 0) {
      start = event.voxel;
      return true;
    }
    if (!start) return false;
    if (event.kind === 'move') {
      mark([{ points: outline(start, event.voxel, event.axis), closed: true, color }]);
      return true;
    }
    const corners = [start, event.voxel] as const;
    start = undefined;
    mark([]);
    const { grid } = host.series;
    const box = boxOfCorners(corners, {
      axis: event.axis,
      size: history.size,
      ...(through && grid && { spacing: spacingMm(grid) }),
    });
    if (isEmpty(box)) return true;
    if (boxAsks) ask(clicksOfBox(box, { axis: event.axis, value, size: history.size }));
    else void fill(box);
    return true;
  };
}

interface Depth {
  readonly axis: Axis;
  readonly size: Triple;
  /** Millimetres from voxel to voxel: the box is as deep as its shorter side, not one slice. */
  readonly spacing?: Triple;
}

function boxOfCorners([a, b]: readonly [Triple, Triple], { axis, size, spacing }: Depth): Box {
  const [from, to] = [a.map(Math.round), b.map(Math.round)] as unknown as [
    [number, number, number],
    [number, number, number],
  ];
  if (spacing) {
    const sides = ([0, 1, 2] as const).filter((side) => side !== axis);
    const depth = Math.min(...sides.map((side) => Math.abs(to[side] - from[side]) * spacing[side]));
    const half = Math.round(depth / 2 / spacing[axis]);
    [from[axis], to[axis]] = [from[axis] - half, from[axis] + half];
  }
  return boxBetween(from, to, size);
}

function outline(a: Triple, b: Triple, axis: Axis): Triple[] {
  const [u, v] = ([0, 1, 2] as const).filter((side) => side !== axis) as [Axis, Axis];
  return [a, a.with(u, b[u]), a.with(u, b[u]).with(v, b[v]), a.with(v, b[v])] as unknown as Triple[];
}
