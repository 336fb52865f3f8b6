import type { Triple, VoxelArray } from '../volume.ts';
import { type CubicTaps, type Reals, setCubicTaps } from './b-spline.ts';
import { type Interpolation, SNAP } from './taps.ts';

export interface ObliqueFrame {
  readonly size: Triple;
  readonly targetSize: Triple;
  /** Target voxel to source voxel, 4x4 row-major. */
  readonly matrix: readonly number[];
  readonly interpolation: Interpolation;
  /** Undefined: places beyond the source take its nearest edge. */
  readonly outside: number | bigint | undefined;
}

/** Resamples one frame between grids whose axes differ; cubic needs coefficients in place of samples. */
export function obliqueFrame(source: VoxelArray, target: VoxelArray, frame: ObliqueFrame): void {
  const m = frame.matrix as readonly number[];
  const [nx, ny, nz] = frame.targetSize;
  const at = (row: number, y: number, z: number): number =>
    (m[row + 1] as number) * y + (m[row + 2] as number) * z + (m[row + 3] as number);
  const fill = { nearest: nearestRow, linear: linearRow, cubic: cubicRow }[frame.interpolation];
  const step: Triple = [m[0] as number, m[4] as number, m[8] as number];
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const row = { start: [at(0, y, z), at(4, y, z), at(8, y, z)] as const, step, to: nx * (y + ny * z), count: nx };
      fill(source as Reals, target as Reals, frame.size, row);
      if (frame.outside !== undefined) fillRowOutside(target as Reals, frame.size, row, frame.outside as number);
    }
  }
}

interface Row {
  readonly start: Triple;
  readonly step: Triple;
  readonly to: number;
  readonly count: number;
}

function clamp(place: number, count: number): number {
  return Math.max(0, Math.min(place, count - 1));
}

function nearestRow(source: Reals, target: Reals, [nx, ny, nz]: Triple, { start, step, to, count }: Row): void {
  const half = 0.5 + SNAP;
  for (let i = 0; i < count; i++) {
    const x = Math.min(Math.floor(clamp(start[0] + i * step[0], nx) + half), nx - 1);
    const y = Math.min(Math.floor(clamp(start[1] + i * step[1], ny) + half), ny - 1);
    const z = Math.min(Math.floor(clamp(start[2] + i * step[2], nz) + half), nz - 1);
    target[to + i] = source[x + nx * (y + ny * z)] as number;
  }
}

function linearRow(source: Reals, target: Reals, [nx, ny, nz]: Triple, { start, step, to, count }: Row): void {
  const [dx, dy, dz] = [nx > 1 ? 1 : 0, ny > 1 ? nx : 0, nz > 1 ? nx * ny : 0];
  for (let i = 0; i < count; i++) {
    const x = clamp(start[0] + i * step[0], nx);
    const y = clamp(start[1] + i * step[1], ny);
    const z = clamp(start[2] + i * step[2], nz);
    const x0 = Math.min(Math.floor(x), Math.max(0, nx - 2));
    const y0 = Math.min(Math.floor(y), Math.max(0, ny - 2));
    const z0 = Math.min(Math.floor(z), Math.max(0, nz - 2));
    const u = x - x0;
    const at = x0 + nx * (y0 + ny * z0);
    const a = mix(source[at] as number, source[at + dx] as number, u);
    const b = mix(source[at + dy] as number, source[at + dy + dx] as number, u);
    const c = mix(source[at + dz] as number, source[at + dz + dx] as number, u);
    const d = mix(source[at + dz + dy] as number, source[at + dz + dy + dx] as number, u);
    target[to + i] = mix(mix(a, b, y - y0), mix(c, d, y - y0), z - z0);
  }
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

function cubicRow(source: Reals, target: Reals, [nx, ny, nz]: Triple, { start, step, to, count }: Row): void {
  const taps = { indices: new Int32Array(12), weights: new Float64Array(12) };
  for (let i = 0; i < count; i++) {
    setCubicTaps(taps, 0, clamp(start[0] + i * step[0], nx), nx);
    setCubicTaps(taps, 4, clamp(start[1] + i * step[1], ny), ny);
    setCubicTaps(taps, 8, clamp(start[2] + i * step[2], nz), nz);
    target[to + i] = cubicSum(source, taps, nx, nx * ny);
  }
}

function cubicSum(source: Reals, { indices, weights }: CubicTaps, stepY: number, stepZ: number): number {
  let sum = 0;
  for (let c = 8; c < 12; c++) {
    for (let b = 4; b < 8; b++) {
      const row = stepY * (indices[b] as number) + stepZ * (indices[c] as number);
      let part = 0;
      for (let a = 0; a < 4; a++) part += (weights[a] as number) * (source[row + (indices[a] as number)] as number);
      sum += (weights[b] as number) * (weights[c] as number) * part;
    }
  }
  return sum;
}

function fillRowOutside(target: Reals, [nx, ny, nz]: Triple, { start, step, to, count }: Row, value: number): void {
  const low = -0.5 - SNAP;
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [start[0] + i * step[0], start[1] + i * step[1], start[2] + i * step[2]];
    const inside = x >= low && y >= low && z >= low && x <= nx - 1 - low && y <= ny - 1 - low && z <= nz - 1 - low;
    if (!inside) target[to + i] = value;
  }
}
