import { VesaliusError } from '@vesalius/errors';
import type { Sample } from './sample.ts';
import { invertMatrix, isExact } from './spatial/matrix.ts';
import { resample } from './spatial/resample.ts';
import type { SpatialTransform } from './spatial/spatial-transform.ts';
import type { AppliedTransform } from './transform.ts';

/**
 * Takes images (say, predicted probabilities, by linear interpolation) and label maps (by nearest neighbour) back to the grid
 * they had before the transforms. Intensities stay as they are. What was cropped away comes back as 0.
 *
 * @throws INVALID_ARGUMENT when an elastic deformation was among them, GEOMETRY_MISMATCH when the sample is not on the last grid
 */
export function invert(sample: Sample, applied: readonly AppliedTransform[]): Sample {
  return applied
    .filter((record) => record.kind === 'spatial')
    .reduceRight((result, record) => resample(result, inverseOf(record)), sample);
}

/** @throws INVALID_ARGUMENT when it deforms elastically */
export function inverseOf({
  name,
  matrix,
  inputSize,
  outputSize,
  interpolation,
  warp,
}: SpatialTransform): SpatialTransform {
  if (warp) throw new VesaliusError('INVALID_ARGUMENT', { what: `inverse of ${name}`, got: 'an elastic deformation' });
  const inverse = invertMatrix(matrix);
  return {
    kind: 'spatial',
    name: `inverse of ${name}`,
    inputSize: outputSize,
    outputSize: inputSize,
    matrix: isExact(matrix) ? inverse.map(Math.round) : inverse,
    interpolation,
    padding: { mode: 'extent' },
  };
}
