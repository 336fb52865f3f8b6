import type { KeysOption, ProbabilityOption, Transform } from '../transform.ts';
import { type Bounds, drawBetween } from './bounds.ts';
import { alwaysIntensity, changeChannels, type IntensityOperation, randIntensity } from './intensity-operation.ts';
import { extent } from './statistics.ts';

export interface ScaleIntensityOptions {
  /** Default: 0. */
  readonly minv?: number;
  /** Default: 1. */
  readonly maxv?: number;
  /** Multiplies by 1 + factor instead. */
  readonly factor?: number;
  /** Default: false. */
  readonly channelWise?: boolean;
}

export const SCALE_INTENSITY: IntensityOperation<ScaleIntensityOptions> = {
  name: 'ScaleIntensity',
  run(image, { minv = 0, maxv = 1, factor, channelWise }) {
    return changeChannels(image, channelWise, (data) => {
      if (factor !== undefined) return addScaled(data, { scale: 1 + factor, shift: 0 });
      const { min, max } = extent(data);
      const scale = min === max ? minv : (maxv - minv) / (max - min);
      addScaled(data, { scale, shift: min === max ? 0 : minv - min * scale });
    });
  },
};

/**
 * Brings the smallest value to `minv` and the largest to `maxv`, or multiplies by 1 + `factor`.
 *
 * @parity monai.transforms.ScaleIntensity(minv, maxv, factor, channel_wise)
 */
export function scaleIntensity(options: ScaleIntensityOptions & KeysOption = {}): Transform {
  return alwaysIntensity(SCALE_INTENSITY, options);
}

/** Multiplies by 1 + a factor drawn from `factors` (or from -`factors` to `factors`). */
export function randScaleIntensity(options: { readonly factors: Bounds } & KeysOption & ProbabilityOption): Transform {
  return randIntensity('RandScaleIntensity', options, {
    operation: SCALE_INTENSITY,
    draw: (random) => ({ factor: drawBetween(random, options.factors) }),
  });
}

export const SHIFT_INTENSITY: IntensityOperation<{ readonly offset: number }> = {
  name: 'ShiftIntensity',
  run: (image, { offset }) => changeChannels(image, false, (data) => addScaled(data, { scale: 1, shift: offset })),
};

/**
 * Adds `offset`.
 *
 * @parity monai.transforms.ShiftIntensity(offset)
 */
export function shiftIntensity(options: { readonly offset: number } & KeysOption): Transform {
  return alwaysIntensity(SHIFT_INTENSITY, options);
}

/** Adds an offset drawn from `offsets` (or from -`offsets` to `offsets`). */
export function randShiftIntensity(options: { readonly offsets: Bounds } & KeysOption & ProbabilityOption): Transform {
  return randIntensity('RandShiftIntensity', options, {
    operation: SHIFT_INTENSITY,
    draw: (random) => ({ offset: drawBetween(random, options.offsets) }),
  });
}

function addScaled(data: Float32Array, { scale, shift }: { readonly scale: number; readonly shift: number }): void {
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * scale + shift;
}
