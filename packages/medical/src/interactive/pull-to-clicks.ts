import { type ClassClick, forVoxelsNear, type GuidanceGrid } from './guidance.ts';

/** Just above 1: the clicked voxel's class is ahead of every other, whose probability is at most 1. */
const AMPLITUDE = 1.001;
const REACH_IN_SIGMAS = 3;

/**
 * Adds to the probability of a click's class a Gaussian about it, so that the clicked voxel surely gets its class and its surroundings
 * follow as far as the network was unsure of them. Each voxel is pulled by its nearest click alone; of two clicks on one voxel the later counts.
 *
 * @param probabilities - `[K, nz, ny, nx]`, changed
 */
export function pullToClicks(
  probabilities: Float32Array,
  clicks: readonly ClassClick[],
  grid: Pick<GuidanceGrid, 'size' | 'spacingMm' | 'sigmaMm'>,
): void {
  const voxels = grid.size[0] * grid.size[1] * grid.size[2];
  const nearest = new Map<number, { readonly squaredMm: number; readonly classNumber: number }>();
  for (const { voxel, classNumber } of clicks) {
    const [x, y, z] = voxel;
    const centre = [Math.round(x), Math.round(y), Math.round(z)] as const;
    forVoxelsNear(centre, REACH_IN_SIGMAS * grid.sigmaMm, grid, (index, squaredMm) => {
      const other = nearest.get(index);
      if (!other || squaredMm <= other.squaredMm) nearest.set(index, { squaredMm, classNumber });
    });
  }
  for (const [index, { squaredMm, classNumber }] of nearest) {
    const at = classNumber * voxels + index;
    probabilities[at] = (probabilities[at] as number) + AMPLITUDE * Math.exp(-squaredMm / (2 * grid.sigmaMm ** 2));
  }
}
