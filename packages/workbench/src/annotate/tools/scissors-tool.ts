import type { Triple } from '@vesalius/volume';
import { enclosedBy } from '../editing/scissors.ts';
import type { OnPointer, ToolContext } from './tool.ts';

/** A closed line fills what it encloses; with the right button or Alt it cuts that off. Shift reaches through all slices. */
export function scissorsTool({ work, choice: { value, color, through }, mark }: ToolContext): OnPointer {
  const { history } = work;
  let points: Triple[] = [];
  let isCut = false;
  return (event) => {
    if (event.kind === 'down' && (event.button === 0 || event.button === 2)) {
      points = [event.voxel];
      isCut = event.button === 2 || event.modifiers.alt;
      return true;
    }
    if (points.length === 0) return false;
    if (event.kind === 'move') {
      points.push(event.voxel);
      mark([{ points, closed: true, color }]);
      return true;
    }
    const region = enclosedBy({ points, axis: event.axis, through: through || event.modifiers.shift }, history.size);
    points = [];
    mark([]);
    if (!region) return true;
    const bounds = isCut ? history.cut(region, value) : history.add(region, value);
    if (history.end()) work.changed(bounds);
    return true;
  };
}
