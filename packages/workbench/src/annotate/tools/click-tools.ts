import type { Triple } from '@vesalius/volume';
import type { OnPointer, ToolContext } from './tool.ts';

/** A scribble is a click each so many voxels. */
const APART_VOXELS = 4;
/** One scribble; a model takes some hundred clicks in all. */
const MOST_OF_SCRIBBLE = 100;

/** A point tells the model what lies there: the class in hand, or with the right button or Alt background. */
export function clickTool({ choice: { value }, ask }: ToolContext): OnPointer {
  return (event) => {
    const taken = event.button === 0 || event.button === 2;
    if (event.kind === 'down' && taken)
      ask([{ voxel: event.voxel, value: event.button === 2 || event.modifiers.alt ? 0 : value }]);
    return taken && event.kind !== 'leave';
  };
}

/** A line of clicks, which the model is told together. */
export function scribbleTool({ choice: { value, color }, ask, mark }: ToolContext): OnPointer {
  let points: Triple[] = [];
  let own = value;
  return (event) => {
    if (event.kind === 'down' && (event.button === 0 || event.button === 2)) {
      points = [event.voxel];
      own = event.button === 2 || event.modifiers.alt ? 0 : value;
      return true;
    }
    if (points.length === 0) return false;
    if (event.kind === 'move') {
      const last = points.at(-1) ?? event.voxel;
      const away = Math.hypot(...event.voxel.map((v, a) => v - (last[a] as number)));
      if (away >= APART_VOXELS && points.length < MOST_OF_SCRIBBLE) points.push(event.voxel);
      mark([{ points: [...points, event.voxel], closed: false, color: own === 0 ? '#ffffff' : color }]);
      return true;
    }
    ask(points.map((voxel) => ({ voxel, value: own })));
    points = [];
    mark([]);
    return true;
  };
}
