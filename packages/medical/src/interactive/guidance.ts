import type { Triple } from '@vesalius/volume';

/** A voxel that a person says to be of a class. */
export interface ClassClick {
  /** x, y, z; may lie between voxels. */
  readonly voxel: Triple;
  /** From 0, the background. */
  readonly classNumber: number;
}

export interface Guidance {
  readonly clicks: readonly ClassClick[];
  /** Class numbers that the clicks correct; none where the clicks come first. */
  readonly previous?: ArrayLike<number> | undefined;
}

export interface GuidanceGrid {
  /** nx, ny, nz */
  readonly size: Triple;
  readonly spacingMm: Triple;
  readonly classes: number;
  /** Of the Gaussian about a click. */
  readonly sigmaMm: number;
}

/** Channels that a network guided by clicks takes behind those of the image. */
export const guidanceChannels = (classes: number): number => 2 * classes;

const REACH_IN_SIGMAS = 3;

/**
 * What a network is told by clicks: for each class the largest of the Gaussians about its clicks, then for each class 1 where the
 * previous label map has it. All zero without clicks and previous map.
 *
 * @param into - `[2 classes, nz, ny, nx]`, zeros
 * @source Diaz-Pinto et al. 2023, DeepEdit; Sakinis et al. 2019, Interactive segmentation through fully convolutional networks
 */
export function writeGuidance(into: Float32Array, { clicks, previous }: Guidance, grid: GuidanceGrid): void {
  const voxels = grid.size[0] * grid.size[1] * grid.size[2];
  for (const click of clicks) {
    const map = into.subarray(click.classNumber * voxels, (click.classNumber + 1) * voxels);
    forVoxelsNear(click.voxel, REACH_IN_SIGMAS * grid.sigmaMm, grid, (index, squaredMm) => {
      map[index] = Math.max(map[index] as number, Math.exp(-squaredMm / (2 * grid.sigmaMm ** 2)));
    });
  }
  if (!previous) return;
  for (let i = 0; i < voxels; i++) into[(grid.classes + (previous[i] as number)) * voxels + i] = 1;
}

/** Calls back for every voxel of the grid within so many mm of a place, with its index and its squared distance. */
export function forVoxelsNear(
  [cx, cy, cz]: Triple,
  reachMm: number,
  { size: [nx, ny, nz], spacingMm: [sx, sy, sz] }: Pick<GuidanceGrid, 'size' | 'spacingMm'>,
  visit: (index: number, squaredMm: number) => void,
): void {
  const range = (centre: number, spacing: number, count: number): [number, number] => [
    Math.max(0, Math.ceil(centre - reachMm / spacing)),
    Math.min(count - 1, Math.floor(centre + reachMm / spacing)),
  ];
  const [[x0, x1], [y0, y1], [z0, z1]] = [range(cx, sx, nx), range(cy, sy, ny), range(cz, sz, nz)];
  for (let z = z0; z <= z1; z++) {
    for (let y = y0; y <= y1; y++) {
      const inPlane = ((z - cz) * sz) ** 2 + ((y - cy) * sy) ** 2;
      for (let x = x0; x <= x1; x++) {
        const squaredMm = inPlane + ((x - cx) * sx) ** 2;
        if (squaredMm <= reachMm ** 2) visit(x + nx * (y + ny * z), squaredMm);
      }
    }
  }
}
