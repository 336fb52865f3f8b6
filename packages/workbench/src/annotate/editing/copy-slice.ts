import type { Triple } from '@vesalius/volume';
import { type Axis, joined, type LabelMap, labelIn, type Region } from './region.ts';

interface Copying {
  readonly value: number;
  readonly axis: Axis;
  /** The slice that is copied. */
  readonly from: number;
  readonly to: number;
}

/** What a slice has of a label besides what another has, for that other. @returns undefined beyond the map */
export function copySlice(map: LabelMap, { value, axis, from, to }: Copying): Region | undefined {
  if (to < 0 || to >= map.size[axis]) return undefined;
  const at = (slice: number) => {
    const corner = [0, 0, 0] as [number, number, number];
    const size = [...map.size] as [number, number, number];
    [corner[axis], size[axis]] = [slice, 1];
    return labelIn(map, value, { from: corner satisfies Triple, size });
  };
  return joined(at(from), at(to));
}
