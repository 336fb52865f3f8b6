import { type Axis, type LabelMap, labelIn, type Region } from './region.ts';

interface Copying {
  readonly value: number;
  readonly axis: Axis;
  /** The slice that is copied. */
  readonly from: number;
  readonly to: number;
}

/** What a slice has of a label, at the place of another. @returns undefined beyond the map */
export function copySlice(map: LabelMap, { value, axis, from, to }: Copying): Region | undefined {
  if (to < 0 || to >= map.size[axis]) return undefined;
  const corner: [number, number, number] = [0, 0, 0];
  const size: [number, number, number] = [...map.size];
  [corner[axis], size[axis]] = [from, 1];
  const { bits } = labelIn(map, value, { from: corner, size });
  corner[axis] = to;
  return { from: corner, size, bits };
}
