import type { Triple } from '@vesalius/volume';

interface Growing {
  readonly seed: Triple;
  /** How far values may lie from the seed's. */
  readonly tolerance: number;
  /** Stays in the slice across this axis. */
  readonly axis?: 0 | 1 | 2;
  /** Stops there: a wrong tolerance would take the whole scan. */
  readonly most: number;
}

/**
 * The voxels that are joined to a seed by their faces and whose values are like its.
 *
 * @param values - x fastest
 */
export function growRegion(
  values: ArrayLike<number>,
  size: Triple,
  { seed, tolerance, axis, most }: Growing,
): number[] {
  const [nx, ny, nz] = size;
  const place = seed.map(Math.round) as unknown as Triple;
  if (place.some((v, a) => v < 0 || v >= (size[a] as number))) return [];
  const start = place[0] + nx * (place[1] + ny * place[2]);
  const middle = values[start] as number;
  const seen = new Uint8Array(nx * ny * nz);
  const found = [start];
  seen[start] = 1;
  const strides = [1, nx, nx * ny];
  for (let k = 0; k < found.length && found.length < most; k++) {
    const i = found[k] as number;
    const at = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    for (let a = 0; a < 3; a++) {
      if (a === axis) continue;
      for (const step of [-1, 1]) {
        const next = (at[a] as number) + step;
        const j = i + step * (strides[a] as number);
        if (next < 0 || next >= (size[a] as number) || seen[j]) continue;
        seen[j] = 1;
        if (Math.abs((values[j] as number) - middle) <= tolerance) found.push(j);
      }
    }
  }
  return found;
}
