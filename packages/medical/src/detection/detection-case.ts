import { applyAffine, invertAffine, resampleToSpacing, type Triple, type Volume } from '@vesalius/volume';
import type { Size } from '../transforms/sample.ts';
import type { DetectorSetup } from './detector-setup.ts';
import type { Finding } from './finding.ts';

/** A scan as the detector sees it. */
export interface DetectionCase {
  /** -1 to 1, the last axis fastest. */
  readonly data: Float32Array;
  readonly shape: Size;
  /** In voxels along z, y, x, and millimetres. */
  readonly findings: readonly { readonly place: Triple; readonly diameterMm: number }[];
}

/** Cubic voxels, intensities of the window scaled to -1 to 1, places in voxels. */
export function detectionCase(
  volume: Volume,
  findings: readonly Finding[],
  setup: Pick<DetectorSetup, 'spacingMm' | 'windowHu'>,
): { readonly scan: DetectionCase; readonly grid: Volume } {
  const { spacingMm, windowHu } = setup;
  const grid = resampleToSpacing(volume, [spacingMm, spacingMm, spacingMm], 'linear');
  const [low, high] = windowHu;
  const data = Float32Array.from(grid.voxels as Float32Array, (value) =>
    Math.min(1, Math.max(-1, (2 * (value - low)) / (high - low) - 1)),
  );
  const toVoxel = invertAffine(grid.voxelToLps);
  const places = findings.map(({ centreMm, diameterMm }) => {
    const [x, y, z] = applyAffine(toVoxel, centreMm);
    return { place: [z, y, x] as Triple, diameterMm };
  });
  const [width, height, depth] = grid.size;
  return { scan: { data, shape: [depth, height, width], findings: places }, grid };
}
