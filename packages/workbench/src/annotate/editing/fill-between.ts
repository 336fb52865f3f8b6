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
  let below: Float32Array | undefined;
  for (const [n, to] of labelled.entries()) {
    const from = labelled[n - 1] ?? to;
    const isGap = to - from > 1;
    const isBeforeGap = (labelled[n + 1] ?? to) - to > 1;
    const distances = isGap || isBeforeGap ? slices.distances(to) : undefined;
    if (isGap && below && distances) fillGap(slices, { from, to, below, above: distances });
    below = distances;
  }
  return labelled.some((slice, n) => slice - (labelled[n - 1] ?? slice) > 1) ? region : undefined;
}

interface Gap {
  readonly from: number;
  readonly to: number;
  /** Signed distances of the slices about it. */
  readonly below: Float32Array;
  readonly above: Float32Array;
}

function fillGap(slices: ReturnType<typeof sliceReader>, { from, to, below, above }: Gap): void {
  for (let k = from + 1; k < to; k++) {
    const share = (k - from) / (to - from);
    slices.write(
      k,
      below.map((distance, i) => (1 - share) * distance + share * (above[i] as number)),
    );
  }
}

function sliceReader({ bits, size }: Region, axis: Axis, spacing: Triple) {
  const [u, v] = ([0, 1, 2] as const).filter((a) => a !== axis) as [Axis, Axis];
  const strides = [1, size[0], size[0] * size[1]] as const;
  const forEach = (slice: number, visit: (place: number, i: number) => void) => {
    for (let row = 0, i = 0; row < size[v]; row++)
      for (let column = 0, at = slice * strides[axis] + row * strides[v]; column < size[u]; column++, i++) {
        visit(at, i);
        at += strides[u];
      }
  };
  const read = (slice: number) => {
    const pixels = new Uint8Array(size[u] * size[v]);
    forEach(slice, (place, i) => (pixels[i] = bits[place] as number));
    return pixels;
  };
  return {
    isLabelled: (slice: number) => read(slice).includes(1),
    distances: (slice: number) =>
      signedDistance(read(slice), { columns: size[u], rows: size[v], spacing: [spacing[u], spacing[v]] }),
    /** Inside is where a signed distance is negative. */
    write: (slice: number, distances: Float32Array) =>
      forEach(slice, (place, i) => (bits[place] = Number((distances[i] as number) < 0))),
  };
}
