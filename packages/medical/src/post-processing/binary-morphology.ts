import { VesaliusError } from '@vesalius/errors';
import type { Triple } from '@vesalius/volume';
import { squaredDistances } from './distance-transform.ts';
import { type LabelMap, maskOf } from './label-map.ts';

/**
 * What a mask is grown or shrunk by: a cross (neighbours over faces) that many times over, or a ball of that radius in mm,
 * rounded off by the spacing, so that anisotropic voxels keep the shape.
 */
export type StructuringElement = { readonly cross: number } | { readonly ballMm: number };

/** A voxel on the ball's surface belongs to it, also after rounding. */
const SURFACE = 1 + 1e-9;

/**
 * Adds what the element reaches from any voxel of the mask.
 *
 * @throws INVALID_ARGUMENT for a negative radius or a broken number of crosses
 * @parity scipy.ndimage.binary_dilation(structure, iterations)
 */
export function binaryDilation(mask: LabelMap, element: StructuringElement): LabelMap<Uint8Array> {
  assertElement(element);
  const result = maskOf(mask);
  if ('ballMm' in element) {
    const squared = squaredDistances(result, (voxel) => voxel !== 0);
    const limit = element.ballMm ** 2 * SURFACE;
    for (let i = 0; i < squared.length; i++) result.voxels[i] = (squared[i] as number) <= limit ? 1 : 0;
    return result;
  }
  for (let n = 0; n < element.cross; n++) growByCross(result, 1);
  return result;
}

/**
 * Keeps the voxels from which the element reaches nothing but mask; outside of the image there is none.
 *
 * @throws INVALID_ARGUMENT for a negative radius or a broken number of crosses
 * @parity scipy.ndimage.binary_erosion(structure, iterations)
 */
export function binaryErosion(mask: LabelMap, element: StructuringElement): LabelMap<Uint8Array> {
  assertElement(element);
  const result = maskOf(mask);
  if ('ballMm' in element) {
    const squared = squaredDistances(result, (voxel) => voxel === 0);
    const limit = element.ballMm ** 2 * SURFACE;
    for (let i = 0; i < squared.length; i++) result.voxels[i] = (squared[i] as number) > limit ? 1 : 0;
    const reach = (axisMm: number): number => Math.floor((element.ballMm * SURFACE) / axisMm);
    const [sx, sy, sz] = mask.spacingMm;
    clearBorder(result, [reach(sx), reach(sy), reach(sz)]);
    return result;
  }
  for (let n = 0; n < element.cross; n++) {
    growByCross(result, 0);
    clearBorder(result, [1, 1, 1]);
  }
  return result;
}

/**
 * Erosion, then dilation: takes off spurs and specks thinner than the element.
 *
 * @parity scipy.ndimage.binary_opening(structure, iterations)
 */
export function binaryOpening(mask: LabelMap, element: StructuringElement): LabelMap<Uint8Array> {
  return binaryDilation(binaryErosion(mask, element), element);
}

/**
 * Dilation, then erosion: closes gaps thinner than the element; near the image's border it also takes away, as the original does.
 *
 * @parity scipy.ndimage.binary_closing(structure, iterations)
 */
export function binaryClosing(mask: LabelMap, element: StructuringElement): LabelMap<Uint8Array> {
  return binaryErosion(binaryDilation(mask, element), element);
}

function assertElement(element: StructuringElement): void {
  const valid = 'ballMm' in element ? element.ballMm >= 0 : Number.isInteger(element.cross) && element.cross >= 0;
  if (!valid)
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'structuring element', got: JSON.stringify(element) });
}

/** Sets the face neighbours of every voxel that holds `value` to `value`. */
function growByCross({ voxels, size }: LabelMap<Uint8Array>, value: 0 | 1): void {
  const [nx, ny, nz] = size;
  const before = voxels.slice();
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      for (let x = 0; x < nx; x++, i++) {
        if (before[i] !== value) continue;
        if (x > 0) voxels[i - 1] = value;
        if (x < nx - 1) voxels[i + 1] = value;
        if (y > 0) voxels[i - nx] = value;
        if (y < ny - 1) voxels[i + nx] = value;
        if (z > 0) voxels[i - nx * ny] = value;
        if (z < nz - 1) voxels[i + nx * ny] = value;
      }
    }
  }
}

/** Clears as many layers of voxels along the image's border as the margins say. */
function clearBorder({ voxels, size }: LabelMap<Uint8Array>, [mx, my, alongZ]: Triple): void {
  const [nx, ny, nz] = size;
  const mz = nz === 1 ? 0 : alongZ;
  for (let z = 0, i = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const inside = z >= mz && z < nz - mz && y >= my && y < ny - my;
      for (let x = 0; x < nx; x++, i++) if (!inside || x < mx || x >= nx - mx) voxels[i] = 0;
    }
  }
}
