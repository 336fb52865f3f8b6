import type { Triple } from '@vesalius/volume';
import { type Axis, boxBetween, isEmpty, type Region } from './region.ts';

interface Cut {
  /** Corners of a closed line in voxel coordinates; may lie outside. */
  readonly points: readonly Triple[];
  /** Across the slice that it is drawn on. */
  readonly axis: Axis;
  /** All slices instead of that one. */
  readonly through: boolean;
}

/** The voxels whose centres a closed line encloses; where it crosses itself, by the even-odd rule. */
export function enclosedBy({ points, axis, through }: Cut, size: Triple): Region | undefined {
  const [u, v] = ([0, 1, 2] as const).filter((a) => a !== axis) as [Axis, Axis];
  const box = boxAround(points, { axis, through, size });
  if (!box || isEmpty(box)) return undefined;
  const bits = new Uint8Array(box.size[0] * box.size[1] * box.size[2]);
  const strides = [1, box.size[0], box.size[0] * box.size[1]] as const;
  for (let row = 0; row < box.size[v]; row++) {
    const crossings = crossingsOf(points, { u, v, at: row + box.from[v] });
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const first = Math.max(0, Math.ceil((crossings[k] as number) - box.from[u]));
      const last = Math.min(box.size[u] - 1, Math.floor((crossings[k + 1] as number) - box.from[u]));
      for (let column = first; column <= last; column++)
        for (let slice = 0; slice < box.size[axis]; slice++)
          bits[column * strides[u] + row * strides[v] + slice * strides[axis]] = 1;
    }
  }
  return { ...box, bits };
}

function boxAround(points: Cut['points'], { axis, through, size }: Omit<Cut, 'points'> & { readonly size: Triple }) {
  const [first] = points;
  if (!first) return undefined;
  const low = ([0, 1, 2] as const).map((a) => Math.ceil(Math.min(...points.map((point) => point[a]))));
  const high = ([0, 1, 2] as const).map((a) => Math.floor(Math.max(...points.map((point) => point[a]))));
  low[axis] = through ? 0 : Math.round(first[axis]);
  high[axis] = through ? size[axis] - 1 : Math.round(first[axis]);
  if (low.some((v, a) => v > (high[a] as number))) return undefined;
  return boxBetween(low as unknown as Triple, high as unknown as Triple, size);
}

/** Where a row crosses the line, in order. A corner belongs to the side below it alone, or it would count twice. */
function crossingsOf(points: Cut['points'], { u, v, at }: { readonly u: Axis; readonly v: Axis; readonly at: number }) {
  const found: number[] = [];
  for (const [k, a] of points.entries()) {
    const b = points[(k + 1) % points.length] ?? a;
    if (a[v] <= at === b[v] <= at) continue;
    found.push(a[u] + ((at - a[v]) / (b[v] - a[v])) * (b[u] - a[u]));
  }
  return found.toSorted((a, b) => a - b);
}
