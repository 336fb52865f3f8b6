import type { KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { alwaysIntensity, changeChannels, type IntensityOperation, randIntensity } from './intensity-operation.ts';
import { extent, mean, standardDeviation } from './statistics.ts';

interface GammaOptions {
  /** Works on the negative. Default: false. */
  readonly invertImage?: boolean;
  /** Restores mean and standard deviation. Default: false. */
  readonly retainStats?: boolean;
}

export const ADJUST_CONTRAST: IntensityOperation<GammaOptions & { readonly gamma: number }> = {
  name: 'AdjustContrast',
  run(image, { gamma, invertImage, retainStats }) {
    return changeChannels(image, false, (data) => {
      if (invertImage) negate(data);
      const center = retainStats ? mean(data) : 0;
      const deviation = retainStats ? standardDeviation(data, center, 1) : 0;
      raise(data, gamma);
      if (retainStats) restore(data, center, deviation);
      if (invertImage) negate(data);
    });
  },
};

/**
 * Raises intensities, scaled to 0 to 1, to the power `gamma`, and scales them back.
 *
 * @parity monai.transforms.AdjustContrast(gamma, invert_image, retain_stats)
 */
export function adjustContrast(options: GammaOptions & { readonly gamma: number } & KeysOption): Transform {
  return alwaysIntensity(ADJUST_CONTRAST, options);
}

/** As `adjustContrast`; gamma drawn from a range, by default 0.5 to 4.5 as in MONAI. */
export function randAdjustContrast(
  options: GammaOptions & { readonly gamma?: readonly [number, number] } & KeysOption & ProbabilityOption = {},
): Transform {
  const { gamma = [0.5, 4.5], invertImage = false, retainStats = false } = options;
  return randIntensity('RandAdjustContrast', options, {
    operation: ADJUST_CONTRAST,
    draw: (random) => ({ gamma: random.uniform(...gamma), invertImage, retainStats }),
  });
}

function raise(data: Float32Array, gamma: number): void {
  const { min, max } = extent(data);
  const range = max - min;
  const scale = 1 / (range + 1e-7);
  for (let i = 0; i < data.length; i++) data[i] = (((data[i] as number) - min) * scale) ** gamma * range + min;
}

function negate(data: Float32Array): void {
  for (let i = 0; i < data.length; i++) data[i] = -(data[i] as number);
}

function restore(data: Float32Array, center: number, deviation: number): void {
  const newCenter = mean(data);
  const factor = deviation / (standardDeviation(data, newCenter, 1) + 1e-8);
  for (let i = 0; i < data.length; i++) data[i] = ((data[i] as number) - newCenter) * factor + center;
}
