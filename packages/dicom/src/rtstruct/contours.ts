import { VesaliusError } from '@vesalius/errors';
import { applyAffine, createVolume, type Grid, invertAffine, type Volume, voxelsPerFrame } from '@vesalius/volume';
import { traceMask } from './trace-mask.ts';

export type ContourType = 'POINT' | 'OPEN_PLANAR' | 'OPEN_NONPLANAR' | 'CLOSED_PLANAR' | 'CLOSEDPLANAR_XOR';

/** A contour in the patient. */
export interface Contour {
  readonly type: ContourType;
  /** x, y and z of each in turn, LPS millimetres. */
  readonly points: readonly number[];
  /** The images it was drawn on, where it names them. */
  readonly imageUids?: readonly string[];
}

/**
 * Closed contours around what is not 0, slice by slice along the edges of voxels: `maskOfContours` gives back the same mask.
 *
 * @param value - only voxels of this value
 */
export function contoursOfMask(mask: Volume, value?: number): Contour[] {
  const { size, voxels, voxelToLps } = mask;
  const pixels = size[0] * size[1];
  const slice = new Uint8Array(pixels);
  const contours: Contour[] = [];
  for (let z = 0; z < size[2]; z++) {
    for (let i = 0; i < pixels; i++) {
      const voxel = Number(voxels[z * pixels + i]);
      slice[i] = Number(value === undefined ? voxel !== 0 : voxel === value);
    }
    for (const ring of traceMask(slice, size[0], size[1])) {
      const points: number[] = [];
      for (let i = 0; i < ring.length; i += 2)
        points.push(...applyAffine(voxelToLps, [ring[i] as number, ring[i + 1] as number, z]));
      contours.push({ type: 'CLOSED_PLANAR', points });
    }
  }
  return contours;
}

/**
 * The voxels of a grid whose centres lie in closed contours. Contours of one slice are taken even-odd, so that an inner one is a
 * hole whether it is joined by a cut or stands alone. Open contours and points enclose nothing.
 *
 * @throws GEOMETRY_MISMATCH when a contour leaves its slice of the grid, or lies in none
 */
export function maskOfContours(contours: readonly Contour[], grid: Grid): Volume<Uint8Array<ArrayBuffer>> {
  const voxels = new Uint8Array(voxelsPerFrame(grid));
  const lpsToVoxel = invertAffine(grid.voxelToLps);
  const pixels = grid.size[0] * grid.size[1];
  for (const { type, points } of contours) {
    if (type !== 'CLOSED_PLANAR' && type !== 'CLOSEDPLANAR_XOR') continue;
    const ring: number[] = [];
    const heights: number[] = [];
    for (let i = 0; i + 2 < points.length; i += 3) {
      const place = points.slice(i, i + 3) as [number, number, number];
      const [x, y, z] = applyAffine(lpsToVoxel, place);
      ring.push(x, y);
      heights.push(z);
    }
    const z = sliceOf(heights, grid.size[2]);
    fillEvenOdd(voxels.subarray(z * pixels, (z + 1) * pixels), grid.size[0], ring);
  }
  return createVolume({ voxels, size: grid.size, voxelToLps: grid.voxelToLps });
}

function sliceOf(heights: readonly number[], slices: number): number {
  const lowest = heights.reduce((least, z) => Math.min(least, z), Number.POSITIVE_INFINITY);
  const highest = heights.reduce((most, z) => Math.max(most, z), Number.NEGATIVE_INFINITY);
  const slice = Math.round((lowest + highest) / 2);
  if (highest - lowest <= 0.5 && slice >= 0 && slice < slices) return slice;
  throw new VesaliusError('GEOMETRY_MISMATCH', {
    what: 'slices that a contour spans',
    got: [lowest, highest],
    expected: `one of 0 to ${slices - 1}`,
  });
}

/** Turns over the pixels of each row between its crossings with the ring. */
function fillEvenOdd(slice: Uint8Array, columns: number, ring: readonly number[]): void {
  const rows = slice.length / columns;
  const crossings = Array.from({ length: rows }, (): number[] => []);
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length;
    const ends = [
      [ring[i], ring[i + 1]],
      [ring[next], ring[next + 1]],
    ] as [number, number][];
    // From the upper end always: an edge that is passed twice then crosses twice at exactly one place.
    const [[xa, ya], [xb, yb]] = ends.sort((a, b) => a[1] - b[1] || a[0] - b[0]) as [
      [number, number],
      [number, number],
    ];
    for (let y = Math.max(0, Math.ceil(ya)); y < Math.min(rows, yb); y++)
      crossings[y]?.push(xa + ((y - ya) / (yb - ya)) * (xb - xa));
  }
  for (const [y, row] of crossings.entries()) {
    row.sort((a, b) => a - b);
    for (let i = 0; i + 1 < row.length; i += 2) {
      const end = Math.min(columns, Math.ceil(row[i + 1] as number));
      for (let x = Math.max(0, Math.ceil(row[i] as number)); x < end; x++)
        slice[x + columns * y] = 1 - (slice[x + columns * y] as number);
    }
  }
}
