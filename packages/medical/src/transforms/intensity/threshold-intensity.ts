import type { KeysOption, Transform } from '../transform.ts';
import { alwaysIntensity, changeChannels, type IntensityOperation } from './intensity-operation.ts';

export interface ThresholdIntensityOptions {
  readonly threshold: number;
  /** Keeps what lies above (true, the default) or below. */
  readonly above?: boolean;
  /** Put in place of the rest. Default: 0. */
  readonly cval?: number;
}

export const THRESHOLD_INTENSITY: IntensityOperation<ThresholdIntensityOptions> = {
  name: 'ThresholdIntensity',
  run(image, { threshold, above = true, cval = 0 }) {
    return changeChannels(image, false, (data) => {
      for (let i = 0; i < data.length; i++) {
        const value = data[i] as number;
        if (!(above ? value > threshold : value < threshold)) data[i] = cval;
      }
    });
  },
};

/**
 * Keeps values on one side of a threshold.
 *
 * @parity monai.transforms.ThresholdIntensity(threshold, above, cval)
 */
export function thresholdIntensity(options: ThresholdIntensityOptions & KeysOption): Transform {
  return alwaysIntensity(THRESHOLD_INTENSITY, options);
}
