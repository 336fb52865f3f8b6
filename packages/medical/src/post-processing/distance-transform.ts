import { assertLabelMap, type LabelMap } from './label-map.ts';

/**
 * Distance in mm from every voxel inside the mask to the centre of the nearest voxel outside; 0 outside, infinite where
 * nothing is outside. Exact, in time linear in the voxels.
 *
 * @source Felzenszwalb and Huttenlocher 2012, Distance transforms of sampled functions
 * @parity scipy.ndimage.distance_transform_edt(sampling=spacing)
 */
export function distanceTransform(mask: LabelMap): Float64Array {
  assertLabelMap(mask);
  const distances = squaredDistances(mask, (voxel) => voxel === 0);
  for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(distances[i] as number);
  return distances;
}

/** Squared distance in mm2 from every voxel to the nearest one for which `isTarget` holds; infinite without any. */
export function squaredDistances(map: LabelMap, isTarget: (voxel: number) => boolean): Float64Array {
  const { voxels, size, spacingMm } = map;
  const squared = new Float64Array(voxels.length);
  for (let i = 0; i < squared.length; i++) squared[i] = isTarget(voxels[i] as number) ? 0 : Infinity;
  const [nx, ny, nz] = size;
  alongX(squared, nx, spacingMm[0]);
  const envelope = lowerEnvelope(Math.max(ny, nz));
  for (let z = 0; z < nz && ny > 1; z++) {
    for (let x = 0; x < nx; x++)
      envelope(squared, { start: x + nx * ny * z, stride: nx, count: ny, spacing: spacingMm[1] });
  }
  for (let xy = 0; xy < nx * ny && nz > 1; xy++) {
    envelope(squared, { start: xy, stride: nx * ny, count: nz, spacing: spacingMm[2] });
  }
  return squared;
}

// Along the first axis values are 0 or infinite, so two sweeps that count steps are enough.
function alongX(squared: Float64Array, nx: number, spacing: number): void {
  for (let row = 0; row < squared.length; row += nx) {
    let steps = Infinity;
    for (let i = row; i < row + nx; i++) {
      steps = squared[i] === 0 ? 0 : steps + 1;
      squared[i] = steps;
    }
    steps = Infinity;
    for (let i = row + nx - 1; i >= row; i--) {
      steps = Math.min(squared[i] as number, steps + 1);
      squared[i] = (steps * spacing) ** 2;
    }
  }
}

interface Line {
  readonly start: number;
  readonly stride: number;
  readonly count: number;
  readonly spacing: number;
}

/**
 * Replaces the values f(q) of a line by min over q of f(q) + (spacing (p - q))^2: the lower envelope of parabolas.
 * `parabolas` are those that lie lowest somewhere, `from[k]` where the k-th begins to.
 */
function lowerEnvelope(longest: number): (squared: Float64Array, line: Line) => void {
  const values = new Float64Array(longest);
  const parabolas = new Int32Array(longest);
  const from = new Float64Array(longest + 1);
  return (squared, { start, stride, count, spacing }) => {
    const spacing2 = spacing * spacing;
    let last = -1;
    for (let q = 0, i = start; q < count; q++, i += stride) {
      const value = squared[i] as number;
      values[q] = value;
      if (value === Infinity) continue;
      let crossing = -Infinity;
      while (last >= 0) {
        const p = parabolas[last] as number;
        crossing = ((value - (values[p] as number)) / spacing2 / (q - p) + q + p) / 2;
        if (crossing > (from[last] as number)) break;
        last--;
      }
      last++;
      parabolas[last] = q;
      from[last] = last === 0 ? -Infinity : crossing;
    }
    if (last < 0) return;
    from[last + 1] = Infinity;
    for (let p = 0, k = 0, i = start; p < count; p++, i += stride) {
      while ((from[k + 1] as number) < p) k++;
      const q = parabolas[k] as number;
      squared[i] = (values[q] as number) + spacing2 * (p - q) * (p - q);
    }
  };
}
