import type { KeysOption, Transform } from '../transform.ts';
import { alwaysIntensity, changeChannels, type IntensityOperation } from './intensity-operation.ts';
import { mean, standardDeviation } from './statistics.ts';

export interface NormalizeIntensityOptions {
  /** Default: the mean. One number, or one a channel with `channelWise`. */
  readonly subtrahend?: number | readonly number[];
  /** Default: the standard deviation. One number, or one a channel with `channelWise`. */
  readonly divisor?: number | readonly number[];
  /** Leaves voxels of 0 as they are, and out of the statistics. Default: false. */
  readonly nonzero?: boolean;
  /** Default: false. */
  readonly channelWise?: boolean;
}

export const NORMALIZE_INTENSITY: IntensityOperation<NormalizeIntensityOptions> = {
  name: 'NormalizeIntensity',
  run(image, { subtrahend, divisor, nonzero, channelWise }) {
    return changeChannels(image, channelWise, (data, channel) => {
      const counted = nonzero ? data.filter((value) => value !== 0) : data;
      if (counted.length === 0) return;
      const center = at(subtrahend, channel) ?? mean(counted);
      const scale =
        at(divisor, channel) ?? standardDeviation(counted, subtrahend === undefined ? center : mean(counted));
      const factor = 1 / (scale === 0 ? 1 : scale);
      for (let i = 0; i < data.length; i++) {
        const value = data[i] as number;
        if (!nonzero || value !== 0) data[i] = (value - center) * factor;
      }
    });
  },
};

/**
 * Subtracts the mean (or `subtrahend`) and divides by the standard deviation (or `divisor`).
 *
 * @parity monai.transforms.NormalizeIntensity(subtrahend, divisor, nonzero, channel_wise)
 */
export function normalizeIntensity(options: NormalizeIntensityOptions & KeysOption = {}): Transform {
  return alwaysIntensity(NORMALIZE_INTENSITY, options);
}

function at(value: number | readonly number[] | undefined, channel: number): number | undefined {
  return typeof value === 'number' ? value : value?.[channel];
}
