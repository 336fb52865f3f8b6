import { ADJUST_CONTRAST } from './adjust-contrast.ts';
import { BIAS_FIELD } from './bias-field.ts';
import { COARSE_DROPOUT } from './coarse-dropout.ts';
import { COLOUR_JITTER } from './colour-jitter.ts';
import { GAUSSIAN_SMOOTH } from './gaussian-smooth.ts';
import { HISTOGRAM_NORMALIZE, HISTOGRAM_SHIFT } from './histogram.ts';
import type { IntensityOperation } from './intensity-operation.ts';
import { GAUSSIAN_NOISE, RICIAN_NOISE } from './noise.ts';
import { NORMALIZE_INTENSITY } from './normalize-intensity.ts';
import { SCALE_INTENSITY, SHIFT_INTENSITY } from './scale-intensity.ts';
import {
  CLIP_INTENSITY_PERCENTILES,
  SCALE_INTENSITY_RANGE,
  SCALE_INTENSITY_RANGE_PERCENTILES,
} from './scale-intensity-range.ts';
import { SIMULATE_LOW_RESOLUTION } from './simulate-low-resolution.ts';
import { THRESHOLD_INTENSITY } from './threshold-intensity.ts';

/** Every operation that an intensity record may name. */
export const INTENSITY_OPERATIONS: readonly IntensityOperation<never>[] = [
  ADJUST_CONTRAST,
  BIAS_FIELD,
  CLIP_INTENSITY_PERCENTILES,
  COARSE_DROPOUT,
  COLOUR_JITTER,
  GAUSSIAN_NOISE,
  GAUSSIAN_SMOOTH,
  HISTOGRAM_NORMALIZE,
  HISTOGRAM_SHIFT,
  NORMALIZE_INTENSITY,
  RICIAN_NOISE,
  SCALE_INTENSITY,
  SCALE_INTENSITY_RANGE,
  SCALE_INTENSITY_RANGE_PERCENTILES,
  SHIFT_INTENSITY,
  SIMULATE_LOW_RESOLUTION,
  THRESHOLD_INTENSITY,
];
