import { growRegion } from '../editing/grow-region.ts';
import type { OnPointer, ToolContext } from './tool.ts';

const MOST_GROWN = 5_000_000;

/** Fills what is joined to the voxel under the pointer and like it. */
export function regionTool({ work, choice: { value, tolerance, through } }: ToolContext): OnPointer {
  const { history, host } = work;
  return (event) => {
    if (event.kind !== 'down' || event.button !== 0) return event.kind === 'move' && event.button === 0;
    const growing = { seed: event.voxel, tolerance, most: MOST_GROWN, ...(through ? {} : { axis: event.axis }) };
    void host.series.voxels().then((values) => {
      const region = growRegion(values, history.size, growing);
      if (!region) return;
      const bounds = history.add(region, value);
      if (history.end()) work.changed(bounds);
    });
    return true;
  };
}
