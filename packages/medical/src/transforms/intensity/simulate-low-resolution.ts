import { mapAxes, type Sample, type Size, sizeOf } from '../sample.ts';
import { scaleAndShift } from '../spatial/matrix.ts';
import { resample } from '../spatial/resample.ts';
import type { Interpolation, SpatialTransform } from '../spatial/spatial-transform.ts';
import type { KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { alwaysIntensity, type IntensityOperation, randIntensity } from './intensity-operation.ts';

export interface SimulateLowResolutionOptions {
  /** Share of the voxels along each axis that is kept, 0 to 1. */
  readonly zoom: number;
}

export const SIMULATE_LOW_RESOLUTION: IntensityOperation<SimulateLowResolutionOptions> = {
  name: 'SimulateLowResolution',
  run(image, { zoom }) {
    const size = sizeOf(image);
    const small = mapAxes((axis) => Math.max(1, Math.round(size[axis] * zoom)));
    const sample: Sample = { images: { image }, labels: {} };
    const coarse = resample(sample, stretch(size, small, 'nearest'));
    return { ...image, data: resample(coarse, stretch(small, size, 'linear')).images['image']?.data ?? image.data };
  },
};

/**
 * Drops voxels by nearest neighbour and interpolates back: a coarser scan on the same grid.
 *
 * @source Isensee et al. 2021, nnU-Net
 */
export function simulateLowResolution(options: SimulateLowResolutionOptions & KeysOption): Transform {
  return alwaysIntensity(SIMULATE_LOW_RESOLUTION, options);
}

/**
 * As `simulateLowResolution`, its zoom drawn from a range, by default 0.5 to 1.
 *
 * @parity monai.transforms.RandSimulateLowResolution(zoom_range)
 */
export function randSimulateLowResolution(
  options: { readonly zoomRange?: readonly [number, number] } & KeysOption & ProbabilityOption = {},
): Transform {
  return randIntensity('RandSimulateLowResolution', options, {
    operation: SIMULATE_LOW_RESOLUTION,
    draw: (random) => ({ zoom: random.uniform(...(options.zoomRange ?? [0.5, 1])) }),
  });
}

/** Outer side on outer side; by nearest neighbour, the first voxel of each step, as PyTorch has it. */
function stretch(inputSize: Size, outputSize: Size, interpolation: Interpolation): SpatialTransform {
  const scale = mapAxes((axis) => inputSize[axis] / outputSize[axis]);
  const shift = mapAxes((axis) => (interpolation === 'linear' ? (scale[axis] - 1) / 2 : -0.5 + 1e-6));
  const matrix = scaleAndShift(scale, shift);
  return { kind: 'spatial', name: 'stretch', inputSize, outputSize, matrix, interpolation, padding: { mode: 'edge' } };
}
