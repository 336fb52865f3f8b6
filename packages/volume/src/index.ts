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
export { crop, type PadOptions, pad } from './crop-pad.ts';
export type { NiftiHeader } from './nifti/nifti-header.ts';
export { readNifti, readNiftiHeader, readNiftiPair, readNiftiStream } from './nifti/read-nifti.ts';
export { type WriteNiftiOptions, writeNifti, writeNiftiStream } from './nifti/write-nifti.ts';
export { type ReadNrrdOptions, readNrrd } from './nrrd/read-nrrd.ts';
export { type WriteNrrdOptions, writeNrrd } from './nrrd/write-nrrd.ts';
export { axisCodes, reorient } from './orientation.ts';
export { readVolume, writeVolume } from './read-volume.ts';
export { type ResampleOptions, resample } from './resample/resample.ts';
export { type ResampleLabelsOptions, resampleLabels } from './resample/resample-labels.ts';
export { gridWithSpacing, resampleToSpacing } from './resample/resample-to-spacing.ts';
export type { Interpolation } from './resample/taps.ts';
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
export { type VoxelType, voxelTypeOf } from './voxel-type.ts';
