import type { Triple } from '@vesalius/volume';

export type Axis = 0 | 1 | 2;

/** A box of voxels. */
export interface Box {
  /** Its lowest corner. */
  readonly from: Triple;
  readonly size: Triple;
}

/** Some of the voxels of a box: a byte each, x fastest, 1 where one belongs to it. */
export interface Region extends Box {
  readonly bits: Uint8Array;
}

/** A label map as editing reads it: a byte a voxel, x fastest. */
export interface LabelMap {
  readonly mask: Uint8Array;
  readonly size: Triple;
}

export const isEmpty = ({ size }: Box): boolean => size.some((n) => n <= 0);

/** The box between two corners, both inside, as far as it lies within `size`. */
export function boxBetween(a: Triple, b: Triple, size: Triple): Box {
  const from = a.map((v, axis) => Math.max(0, Math.min(v, b[axis] as number))) as unknown as Triple;
  const to = a.map((v, axis) => Math.min((size[axis] as number) - 1, Math.max(v, b[axis] as number)));
  return { from, size: to.map((v, axis) => v - (from[axis] as number) + 1) as unknown as Triple };
}

/** The smallest box around a label. */
export function boxOf({ mask, size: [nx, ny, nz] }: LabelMap, value: number): Box | undefined {
  const from = [nx, ny, nz];
  const to = [-1, -1, -1];
  for (let i = mask.indexOf(value); i >= 0; ) {
    const start = i - (i % nx);
    const place = [i - start, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))] as const;
    const last = mask.subarray(start, start + nx).lastIndexOf(value);
    for (const axis of [0, 1, 2] as const) {
      from[axis] = Math.min(from[axis] as number, place[axis]);
      to[axis] = Math.max(to[axis] as number, axis === 0 ? last : place[axis]);
    }
    i = mask.indexOf(value, start + nx);
  }
  if ((to[0] as number) < 0) return undefined;
  const [x, y, z] = from as unknown as Triple;
  return { from: [x, y, z], size: to.map((v, axis) => v - (from[axis] as number) + 1) as unknown as Triple };
}

/** The voxels of a label in a box, which may reach over the edge of the map. */
export function labelIn({ mask, size }: LabelMap, value: number, { from, size: of }: Box): Region {
  const bits = new Uint8Array(of[0] * of[1] * of[2]);
  for (let z = 0, i = 0; z < of[2]; z++)
    for (let y = 0; y < of[1]; y++, i += of[0]) {
      const start = size[0] * (y + from[1] + size[1] * (z + from[2]));
      if (y + from[1] < 0 || y + from[1] >= size[1] || z + from[2] < 0 || z + from[2] >= size[2]) continue;
      const most = Math.min(of[0], size[0] - from[0]);
      for (let x = Math.max(0, -from[0]); x < most; x++) if (mask[start + from[0] + x] === value) bits[i + x] = 1;
    }
  return { from, size: of, bits };
}
