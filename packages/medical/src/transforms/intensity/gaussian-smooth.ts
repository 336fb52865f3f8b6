import { gaussianFilter } from '../gaussian-filter.ts';
import { sizeOf } from '../sample.ts';
import type { KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { alwaysIntensity, changeChannels, type IntensityOperation, randIntensity } from './intensity-operation.ts';

export interface GaussianSmoothOptions {
  /** Voxels; one for all axes, or z, y, x. Default: 1. */
  readonly sigma?: number | readonly [number, number, number];
}

export const GAUSSIAN_SMOOTH: IntensityOperation<GaussianSmoothOptions> = {
  name: 'GaussianSmooth',
  run(image, { sigma = 1 }) {
    const perAxis = typeof sigma === 'number' ? [sigma, sigma, sigma] : sigma;
    return changeChannels(image, true, (data) => gaussianFilter(data, sizeOf(image), { sigma: perAxis }));
  },
};

/**
 * Smooths by a Gaussian, cut at four sigma, with 0 outside the image.
 *
 * @parity monai.transforms.GaussianSmooth(sigma)
 */
export function gaussianSmooth(options: GaussianSmoothOptions & KeysOption = {}): Transform {
  return alwaysIntensity(GAUSSIAN_SMOOTH, options);
}

export interface RandGaussianSmoothOptions extends KeysOption, ProbabilityOption {
  /** Ranges in voxels. Default: 0.25 to 1.5. X is the fastest axis, where MONAI's sigma_x is the first array axis. */
  readonly sigmaX?: readonly [number, number];
  readonly sigmaY?: readonly [number, number];
  readonly sigmaZ?: readonly [number, number];
}

/** As `gaussianSmooth`, with a sigma drawn for each axis. */
export function randGaussianSmooth(options: RandGaussianSmoothOptions = {}): Transform {
  const { sigmaX = [0.25, 1.5], sigmaY = [0.25, 1.5], sigmaZ = [0.25, 1.5] } = options;
  return randIntensity('RandGaussianSmooth', options, {
    operation: GAUSSIAN_SMOOTH,
    draw: (random) => ({
      sigma: [random.uniform(...sigmaZ), random.uniform(...sigmaY), random.uniform(...sigmaX)] as const,
    }),
  });
}
