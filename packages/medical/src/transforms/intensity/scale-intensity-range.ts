import type { KeysOption, Transform } from '../transform.ts';
import { alwaysIntensity, changeChannels, type IntensityOperation } from './intensity-operation.ts';
import { percentiles } from './statistics.ts';

interface TargetRange {
  /** Without `bMin` and `bMax`: 0 to 1. */
  readonly bMin?: number;
  readonly bMax?: number;
  /** Cuts off what lies outside the target range. Default: false. */
  readonly clip?: boolean;
}

export interface ScaleIntensityRangeOptions extends TargetRange {
  readonly aMin: number;
  readonly aMax: number;
}

export const SCALE_INTENSITY_RANGE: IntensityOperation<ScaleIntensityRangeOptions> = {
  name: 'ScaleIntensityRange',
  run: (image, options) => changeChannels(image, false, (data) => scaleRange(data, options)),
};

/**
 * Maps the range `aMin` to `aMax` to `bMin` to `bMax`: a CT window, say.
 *
 * @parity monai.transforms.ScaleIntensityRange(a_min, a_max, b_min, b_max, clip)
 */
export function scaleIntensityRange(options: ScaleIntensityRangeOptions & KeysOption): Transform {
  return alwaysIntensity(SCALE_INTENSITY_RANGE, options);
}

interface PercentileOptions {
  /** 0 to 100 */
  readonly lower: number;
  /** 0 to 100 */
  readonly upper: number;
  /** Default: false. */
  readonly channelWise?: boolean;
}

export type ScaleIntensityRangePercentilesOptions = PercentileOptions & TargetRange;

export const SCALE_INTENSITY_RANGE_PERCENTILES: IntensityOperation<ScaleIntensityRangePercentilesOptions> = {
  name: 'ScaleIntensityRangePercentiles',
  run(image, { lower, upper, channelWise, ...target }) {
    return changeChannels(image, channelWise, (data) => {
      const [aMin = 0, aMax = 0] = percentiles(data, [lower, upper]);
      scaleRange(data, { aMin, aMax, ...target });
    });
  },
};

/**
 * Maps the range between two percentiles of the image to `bMin` to `bMax`.
 *
 * @parity monai.transforms.ScaleIntensityRangePercentiles(lower, upper, b_min, b_max, clip, channel_wise)
 */
export function scaleIntensityRangePercentiles(options: ScaleIntensityRangePercentilesOptions & KeysOption): Transform {
  return alwaysIntensity(SCALE_INTENSITY_RANGE_PERCENTILES, options);
}

export const CLIP_INTENSITY_PERCENTILES: IntensityOperation<PercentileOptions> = {
  name: 'ClipIntensityPercentiles',
  run(image, { lower, upper, channelWise }) {
    return changeChannels(image, channelWise, (data) => {
      const [low = 0, high = 0] = percentiles(data, [lower, upper]);
      clipTo(data, low, high);
    });
  },
};

/**
 * Cuts off what lies outside two percentiles of the image.
 *
 * @parity monai.transforms.ClipIntensityPercentiles(lower, upper, channel_wise)
 */
export function clipIntensityPercentiles(options: PercentileOptions & KeysOption): Transform {
  return alwaysIntensity(CLIP_INTENSITY_PERCENTILES, options);
}

function scaleRange(data: Float32Array, { aMin, aMax, bMin = 0, bMax = 1, clip }: ScaleIntensityRangeOptions): void {
  // A range of no width: MONAI subtracts its value, and adds bMin.
  const scale = aMax === aMin ? 1 : (bMax - bMin) / (aMax - aMin);
  for (let i = 0; i < data.length; i++) data[i] = ((data[i] as number) - aMin) * scale + bMin;
  if (clip) clipTo(data, bMin, bMax);
}

function clipTo(data: Float32Array, low: number, high: number): void {
  for (let i = 0; i < data.length; i++) data[i] = Math.min(Math.max(data[i] as number, low), high);
}
