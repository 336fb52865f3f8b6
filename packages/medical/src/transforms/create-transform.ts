import { VesaliusError } from '@vesalius/errors';
import { adjustContrast, randAdjustContrast } from './intensity/adjust-contrast.ts';
import { randBiasField } from './intensity/bias-field.ts';
import { randCoarseDropout } from './intensity/coarse-dropout.ts';
import { randColourJitter } from './intensity/colour-jitter.ts';
import { gaussianSmooth, randGaussianSmooth } from './intensity/gaussian-smooth.ts';
import { histogramNormalize, randHistogramShift } from './intensity/histogram.ts';
import { randGaussianNoise, randRicianNoise } from './intensity/noise.ts';
import { normalizeIntensity } from './intensity/normalize-intensity.ts';
import { randScaleIntensity, randShiftIntensity, scaleIntensity, shiftIntensity } from './intensity/scale-intensity.ts';
import {
  clipIntensityPercentiles,
  scaleIntensityRange,
  scaleIntensityRangePercentiles,
} from './intensity/scale-intensity-range.ts';
import { randSimulateLowResolution, simulateLowResolution } from './intensity/simulate-low-resolution.ts';
import { thresholdIntensity } from './intensity/threshold-intensity.ts';
import { labelToOnehot, mapLabelValue } from './label/label-operations.ts';
import { affine, randAffine } from './spatial/affine.ts';
import { centerSpatialCrop, randSpatialCrop, resizeWithPadOrCrop, spatialCrop } from './spatial/crop.ts';
import { cropForeground } from './spatial/crop-foreground.ts';
import { rand2DElastic, rand3DElastic } from './spatial/elastic.ts';
import { flip, randAxisFlip, randFlip, randRotate90, rotate90 } from './spatial/flip.ts';
import { borderPad, divisiblePad, spatialPad } from './spatial/pad.ts';
import { randCropByPosNegLabel } from './spatial/rand-crop-by-pos-neg-label.ts';
import { randZoom, resize, spacing, zoom } from './spatial/resize.ts';
import type { Transform } from './transform.ts';

/** Every transform by its name in a recipe: MONAI's where it has the transform. */
const CONSTRUCTORS = {
  AdjustContrast: adjustContrast,
  Affine: affine,
  BorderPad: borderPad,
  CenterSpatialCrop: centerSpatialCrop,
  ClipIntensityPercentiles: clipIntensityPercentiles,
  CropForeground: cropForeground,
  DivisiblePad: divisiblePad,
  Flip: flip,
  GaussianSmooth: gaussianSmooth,
  HistogramNormalize: histogramNormalize,
  LabelToOnehot: labelToOnehot,
  MapLabelValue: mapLabelValue,
  NormalizeIntensity: normalizeIntensity,
  Rand2DElastic: rand2DElastic,
  Rand3DElastic: rand3DElastic,
  RandAdjustContrast: randAdjustContrast,
  RandAffine: randAffine,
  RandAxisFlip: randAxisFlip,
  RandBiasField: randBiasField,
  RandCoarseDropout: randCoarseDropout,
  RandColourJitter: randColourJitter,
  RandCropByPosNegLabel: randCropByPosNegLabel,
  RandFlip: randFlip,
  RandGaussianNoise: randGaussianNoise,
  RandGaussianSmooth: randGaussianSmooth,
  RandHistogramShift: randHistogramShift,
  RandRicianNoise: randRicianNoise,
  RandRotate90: randRotate90,
  RandScaleIntensity: randScaleIntensity,
  RandShiftIntensity: randShiftIntensity,
  RandSimulateLowResolution: randSimulateLowResolution,
  RandSpatialCrop: randSpatialCrop,
  RandZoom: randZoom,
  Resize: resize,
  ResizeWithPadOrCrop: resizeWithPadOrCrop,
  Rotate90: rotate90,
  ScaleIntensity: scaleIntensity,
  ScaleIntensityRange: scaleIntensityRange,
  ScaleIntensityRangePercentiles: scaleIntensityRangePercentiles,
  ShiftIntensity: shiftIntensity,
  SimulateLowResolution: simulateLowResolution,
  Spacing: spacing,
  SpatialCrop: spatialCrop,
  SpatialPad: spatialPad,
  ThresholdIntensity: thresholdIntensity,
  Zoom: zoom,
} as const;

export type TransformName = keyof typeof CONSTRUCTORS;

export const TRANSFORM_NAMES = Object.keys(CONSTRUCTORS) as readonly TransformName[];

/** A transform as a recipe writes it down: plain JSON. */
export interface TransformDescription {
  readonly name: string;
  readonly options: object;
}

/**
 * Builds a transform from its description; `{ name, options }` of any transform is one.
 *
 * @throws UNKNOWN_OPTION when there is no transform of that name
 */
export function createTransform({ name, options }: TransformDescription): Transform {
  const construct = Object.hasOwn(CONSTRUCTORS, name) ? CONSTRUCTORS[name as TransformName] : undefined;
  if (!construct)
    throw new VesaliusError('UNKNOWN_OPTION', { what: 'transform', got: name, expected: TRANSFORM_NAMES.join(', ') });
  return construct(options as never);
}
