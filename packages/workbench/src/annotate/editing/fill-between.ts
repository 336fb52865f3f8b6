import type { Triple } from '@vesalius/volume';
import { type Axis, boxOf, type LabelMap, labelIn, type Region } from './region.ts';
import { signedDistance } from './signed-distance.ts';

interface Filling {
  readonly value: number;
  /** Slices across it are filled. */
  readonly axis: Axis;
  /** Millimetres from voxel to voxel. */
  readonly spacing: Triple;
}

/**
 * A label with its empty slices filled between those that have it: the shape goes over from the one to the other, by its signed distances.
 *
 * @returns undefined where no slice is to be filled
 * @source Raya and Udupa 1990, Shape-based interpolation of multidimensional objects
 */
export function fillBetween(map: LabelMap, { value, axis, spacing }: Filling): Region | undefined {
  const box = boxOf(map, value);
  if (!box) return undefined;
  const region = labelIn(map, value, box);
  const slices = sliceReader(region, axis, spacing);
  const labelled = Array.from({ length: box.size[axis] }, (_, k) => k).filter((k) => slices.isLabelled(k));
  let filled = false;
  for (const [n, to] of labelled.entries()) {
    const from = labelled[n - 1];
    if (from === undefined || to - from < 2) continue;
    const [below, above] = [slices.distances(from), slices.distances(to)];
    for (let k = from + 1; k < to; k++) {
      const share = (k - from) / (to - from);
      slices.write(k, (i) => (1 - share) * (below[i] as number) + share * (above[i] as number) < 0);
    }
    filled = true;
  }
  return filled ? region : undefined;
}

function sliceReader({ bits, size }: Region, axis: Axis, spacing: Triple) {
  const [u, v] = ([0, 1, 2] as const).filter((a) => a !== axis) as [Axis, Axis];
  const strides = [1, size[0], size[0] * size[1]] as const;
  const count = size[u] * size[v];
  const place = (slice: number, i: number) =>
    slice * strides[axis] + (i % size[u]) * strides[u] + Math.floor(i / size[u]) * strides[v];
  const read = (slice: number) => Uint8Array.from({ length: count }, (_, i) => bits[place(slice, i)] as number);
  return {
    isLabelled: (slice: number) => read(slice).includes(1),
    distances: (slice: number) =>
      signedDistance(read(slice), { columns: size[u], rows: size[v], spacing: [spacing[u], spacing[v]] }),
    write: (slice: number, isInside: (i: number) => boolean) => {
      for (let i = 0; i < count; i++) bits[place(slice, i)] = Number(isInside(i));
    },
  };
}
