export {
  type Affine,
  affineFromSpacing,
  applyAffine,
  composeAffine,
  createAffine,
  determinantOf,
  type Frame,
  invertAffine,
  LPS_TO_RAS,
  type Point,
  RAS_TO_LPS,
} from './affine.ts';
export { assertSameGrid, sameGrid } from './same-grid.ts';
export {
  createVolume,
  type Grid,
  spacingMm,
  type Triple,
  type Volume,
  type VolumeOptions,
  type VoxelArray,
  voxelsPerFrame,
} from './volume.ts';
