import type { Triple } from '@vesalius/volume';
import { type Axis, boxBetween, labelIn, type Region } from './region.ts';

interface Growing {
  readonly seed: Triple;
  /** How far values may lie from the seed's. */
  readonly tolerance: number;
  /** Stays in the slice across this axis. */
  readonly axis?: Axis;
  /** Stops there: a wrong tolerance would take the whole scan. */
  readonly most: number;
}

const TAKEN = 1;
const REFUSED = 2;

/**
 * The voxels that are joined to a seed by their faces and whose values are like its.
 *
 * @param values - x fastest
 * @returns undefined for a seed outside
 */
export function growRegion(values: ArrayLike<number>, size: Triple, growing: Growing): Region | undefined {
  const [nx, ny, nz] = size;
  const [x, y, z] = growing.seed.map(Math.round) as unknown as Triple;
  if (x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz) return undefined;
  const seen = new Uint8Array(nx * ny * nz);
  const queue = new Uint32Array(Math.min(seen.length, growing.most + 6));
  queue[0] = x + nx * (y + ny * z);
  const count = spread({ values, size, seen, queue }, growing);
  const [low, high] = [[nx, ny, nz] as [number, number, number], [0, 0, 0] as [number, number, number]];
  for (let k = 0; k < count; k++) {
    const i = queue[k] as number;
    const row = Math.floor(i / nx);
    const slice = Math.floor(row / ny);
    const [column, line] = [i - row * nx, row - slice * ny];
    if (column < low[0]) low[0] = column;
    if (column > high[0]) high[0] = column;
    if (line < low[1]) low[1] = line;
    if (line > high[1]) high[1] = line;
    if (slice < low[2]) low[2] = slice;
    if (slice > high[2]) high[2] = slice;
  }
  return labelIn({ mask: seen, size }, TAKEN, boxBetween(low, high, size));
}

interface Spreading {
  readonly values: ArrayLike<number>;
  readonly size: Triple;
  readonly seen: Uint8Array;
  /** Begins with the seed. */
  readonly queue: Uint32Array;
}

/** @returns how many of the queue were taken */
function spread({ values, size: [nx, ny, nz], seen, queue }: Spreading, { tolerance, axis, most }: Growing): number {
  const middle = values[queue[0] as number] as number;
  let end = 1;
  const visit = (j: number) => {
    if (seen[j] !== 0) return;
    const isAlike = Math.abs((values[j] as number) - middle) <= tolerance;
    seen[j] = isAlike ? TAKEN : REFUSED;
    if (isAlike) queue[end++] = j;
  };
  seen[queue[0] as number] = TAKEN;
  for (let head = 0; head < end && end < most; head++) {
    const i = queue[head] as number;
    const row = Math.floor(i / nx);
    const [x, z] = [i - row * nx, Math.floor(row / ny)];
    const y = row - z * ny;
    if (axis !== 0 && x > 0) visit(i - 1);
    if (axis !== 0 && x < nx - 1) visit(i + 1);
    if (axis !== 1 && y > 0) visit(i - nx);
    if (axis !== 1 && y < ny - 1) visit(i + nx);
    if (axis !== 2 && z > 0) visit(i - nx * ny);
    if (axis !== 2 && z < nz - 1) visit(i + nx * ny);
  }
  return end;
}
