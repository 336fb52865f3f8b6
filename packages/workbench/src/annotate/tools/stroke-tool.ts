import { spacingMm, type Triple } from '@vesalius/volume';
import type { ViewPointerEvent } from '../../viewer/viewport-contract.ts';
import { between, brushRuns } from '../editing/brush.ts';
import type { OnPointer, ToolContext } from './tool.ts';

/** The part of a radius that is a short enough step for a stroke without gaps. */
const STEP = 0.25;

/** Brush, eraser and the brush that takes only values like those it began on. */
export function strokeTool({ work, choice, mark }: ToolContext): OnPointer {
  const { host, history } = work;
  const { grid } = host.series;
  const { name, value, color, radiusMm, through, tolerance } = choice;
  let last: Triple | undefined;
  let accepts: ((voxel: number) => boolean) | undefined;
  let values: ArrayLike<number> | undefined;
  if (name === 'threshold') void host.series.voxels().then((loaded) => (values = loaded));
  const step = grid ? Math.max(0.5, (STEP * radiusMm) / Math.max(...spacingMm(grid))) : 1;
  const paint = ({ axis }: ViewPointerEvent, centre: Triple) => {
    if (!grid) return;
    const runs = brushRuns(grid, { centre, radiusMm, ...(through ? {} : { axis }) });
    const bounds = history.paint(runs, name === 'eraser' ? 0 : value, accepts);
    if (bounds) work.changed(bounds);
  };
  return (event) => {
    mark(event.kind === 'leave' ? [] : [{ points: [event.voxel], closed: false, color, radiusMm }]);
    if (event.kind === 'down' && event.button === 0) {
      last = event.voxel;
      if (name === 'threshold') accepts = alike(values, valueAt(values, event.voxel, history.size), tolerance);
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

function alike(values: ArrayLike<number> | undefined, seed: number, tolerance: number) {
  return (voxel: number) => values !== undefined && Math.abs((values[voxel] as number) - seed) <= tolerance;
}

function valueAt(values: ArrayLike<number> | undefined, voxel: Triple, size: Triple): number {
  const [x, y, z] = voxel.map(Math.round) as unknown as Triple;
  return values?.[x + size[0] * (y + size[1] * z)] ?? 0;
}
