import type { Size } from '../sample.ts';
import type { RowCoordinates } from './row-coordinates.ts';

/** One channel to read from. */
export interface Source<V> {
  readonly data: V;
  /** Index of the channel's first voxel. */
  readonly start: number;
  readonly size: Size;
  /** What stands outside. */
  readonly outside: number;
}

/** Reads the nearest voxel at each coordinate into `target` from `offset` on; halves are rounded up. */
export function sampleRowNearest<V extends Float32Array | Uint8Array | Int16Array>(
  source: Source<V>,
  { z, y, x }: RowCoordinates,
  target: V,
  offset: number,
): void {
  const { data, start, outside } = source;
  const [depth, height, width] = source.size;
  for (let i = 0; i < x.length; i++) {
    const a = (z[i] as number) + 0.5;
    const b = (y[i] as number) + 0.5;
    const c = (x[i] as number) + 0.5;
    const inside = a >= 0 && a < depth && b >= 0 && b < height && c >= 0 && c < width;
    target[offset + i] = inside ? (data[start + ((a | 0) * height + (b | 0)) * width + (c | 0)] as number) : outside;
  }
}

/** Interpolates linearly between the eight voxels around each coordinate. */
export function sampleRowLinear(
  source: Source<Float32Array>,
  { z, y, x }: RowCoordinates,
  target: Float32Array,
  offset: number,
): void {
  const { data, start } = source;
  const [depth, height, width] = source.size;
  const plane = height * width;
  // An axis of one voxel has no neighbour to step to.
  const stepZ = depth > 1 ? plane : 0;
  const stepY = height > 1 ? width : 0;
  const stepX = width > 1 ? 1 : 0;
  const [lastZ, lastY, lastX] = [Math.max(depth - 2, 0), Math.max(height - 2, 0), Math.max(width - 2, 0)];
  for (let i = 0; i < x.length; i++) {
    const fz = z[i] as number;
    const fy = y[i] as number;
    const fx = x[i] as number;
    if (!(fz >= 0 && fz <= depth - 1 && fy >= 0 && fy <= height - 1 && fx >= 0 && fx <= width - 1)) {
      target[offset + i] = linearAcrossEdge(source, fz, fy, fx);
      continue;
    }
    const iz = Math.min(fz | 0, lastZ);
    const iy = Math.min(fy | 0, lastY);
    const ix = Math.min(fx | 0, lastX);
    const wz = fz - iz;
    const wy = fy - iy;
    const wx = fx - ix;
    const p = start + iz * plane + iy * width + ix;
    const q = p + stepZ;
    const p00 = data[p] as number;
    const p10 = data[p + stepY] as number;
    const q00 = data[q] as number;
    const q10 = data[q + stepY] as number;
    const nearTop = p00 + wx * ((data[p + stepX] as number) - p00);
    const nearBottom = p10 + wx * ((data[p + stepY + stepX] as number) - p10);
    const farTop = q00 + wx * ((data[q + stepX] as number) - q00);
    const farBottom = q10 + wx * ((data[q + stepY + stepX] as number) - q10);
    const near = nearTop + wy * (nearBottom - nearTop);
    target[offset + i] = near + wz * (farTop + wy * (farBottom - farTop) - near);
  }
}

function linearAcrossEdge(source: Source<Float32Array>, z: number, y: number, x: number): number {
  const { data, start, outside } = source;
  const [depth, height, width] = source.size;
  if (!(z > -1 && z < depth && y > -1 && y < height && x > -1 && x < width)) return outside;
  const [iz, iy, ix] = [Math.floor(z), Math.floor(y), Math.floor(x)];
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    const [a, b, c] = [iz + (corner >> 2), iy + ((corner >> 1) & 1), ix + (corner & 1)];
    const weight = (1 - Math.abs(z - a)) * (1 - Math.abs(y - b)) * (1 - Math.abs(x - c));
    if (weight === 0) continue;
    const inside = a >= 0 && a < depth && b >= 0 && b < height && c >= 0 && c < width;
    sum += weight * (inside ? (data[start + (a * height + b) * width + c] as number) : outside);
  }
  return sum;
}
