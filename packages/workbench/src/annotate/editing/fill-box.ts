import type { Triple } from '@vesalius/volume';
import type { Box, Region } from './region.ts';

const BINS = 256;

/**
 * What in a box is like its middle: values are split in two where the two kinds differ most.
 *
 * @param values - x fastest, over a map of `size`
 * @source Otsu 1979, A threshold selection method from gray-level histograms
 */
export function fillBox(values: ArrayLike<number>, size: Triple, { from, size: of }: Box): Region {
  const inside = new Float32Array(of[0] * of[1] * of[2]);
  for (let z = 0, i = 0; z < of[2]; z++)
    for (let y = 0; y < of[1]; y++) {
      const start = from[0] + size[0] * (y + from[1] + size[1] * (z + from[2]));
      for (let x = 0; x < of[0]; x++) inside[i++] = values[start + x] as number;
    }
  const limit = otsu(inside);
  const isBright = middleOf(inside, of) > limit;
  return { from, size: of, bits: Uint8Array.from(inside, (value) => Number(value > limit === isBright)) };
}

/** The mean of the voxels about the middle: one alone may be noise. */
function middleOf(values: Float32Array, [nx, ny, nz]: Triple): number {
  const near = (n: number) => [0.4, 0.5, 0.6].map((share) => Math.min(n - 1, Math.floor(share * n)));
  const found = near(nz).flatMap((z) =>
    near(ny).flatMap((y) => near(nx).map((x) => values[x + nx * (y + ny * z)] ?? 0)),
  );
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}

/** The limit between two kinds of values; the lower kind reaches up to it. */
function otsu(values: Float32Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(high > low)) return low - 1;
  const bin = (high - low) / BINS;
  const counts = new Float64Array(BINS);
  for (const value of values) {
    const at = Math.min(BINS - 1, Math.floor((value - low) / bin));
    counts[at] = (counts[at] as number) + 1;
  }
  const total = counts.reduce((sum, count, k) => sum + count * k, 0);
  let [below, sumBelow, best, limit] = [0, 0, -1, low];
  for (let k = 0; k < BINS - 1; k++) {
    below += counts[k] as number;
    sumBelow += k * (counts[k] as number);
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const apart = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (apart > best) [best, limit] = [apart, low + (k + 1) * bin];
  }
  return limit;
}
