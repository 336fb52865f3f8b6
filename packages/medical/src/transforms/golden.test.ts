import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import {
  type GoldenCase,
  type GoldenTensor,
  goldenValues,
  readGolden,
  relativeError,
} from '../../../../golden/read-golden.ts';
import { applyTransform } from './apply-transform.ts';
import { compose } from './compose.ts';
import { gaussianFilter } from './gaussian-filter.ts';
import { adjustContrast } from './intensity/adjust-contrast.ts';
import { gaussianSmooth } from './intensity/gaussian-smooth.ts';
import { histogramNormalize } from './intensity/histogram.ts';
import { normalizeIntensity } from './intensity/normalize-intensity.ts';
import { scaleIntensity, shiftIntensity } from './intensity/scale-intensity.ts';
import {
  clipIntensityPercentiles,
  scaleIntensityRange,
  scaleIntensityRangePercentiles,
} from './intensity/scale-intensity-range.ts';
import { thresholdIntensity } from './intensity/threshold-intensity.ts';
import { asDiscrete } from './label/as-discrete.ts';
import { mapLabelValue } from './label/label-operations.ts';
import type { ImageArray, Sample } from './sample.ts';
import { affine } from './spatial/affine.ts';
import { centerSpatialCrop, resizeWithPadOrCrop, spatialCrop } from './spatial/crop.ts';
import { cropForeground } from './spatial/crop-foreground.ts';
import { latticeField } from './spatial/displacement-field.ts';
import { flip, rotate90 } from './spatial/flip.ts';
import { borderPad, divisiblePad, spatialPad } from './spatial/pad.ts';
import { resize, spacing, zoom } from './spatial/resize.ts';
import { createRow } from './spatial/row-coordinates.ts';
import { sampleRowLinear } from './spatial/sample-row.ts';
import { upsampleCubic } from './spatial/upsample-cubic.ts';
import type { Transform } from './transform.ts';

const BY_FILE: Record<string, (options: never) => Transform> = {
  'adjust-contrast': adjustContrast,
  affine,
  'border-pad': borderPad,
  'center-spatial-crop': centerSpatialCrop,
  'clip-intensity-percentiles': clipIntensityPercentiles,
  'crop-foreground': (options: object) => cropForeground({ ...options, sourceKey: 'image' }),
  'divisible-pad': divisiblePad,
  flip,
  'gaussian-smooth': gaussianSmooth,
  'histogram-normalize': histogramNormalize,
  'normalize-intensity': normalizeIntensity,
  resize,
  'resize-with-pad-or-crop': resizeWithPadOrCrop,
  rotate90,
  'scale-intensity': scaleIntensity,
  'scale-intensity-range': scaleIntensityRange,
  'scale-intensity-range-percentiles': scaleIntensityRangePercentiles,
  'shift-intensity': shiftIntensity,
  spacing,
  'spatial-crop': spatialCrop,
  'spatial-pad': spatialPad,
  'threshold-intensity': thresholdIntensity,
  zoom,
};

for (const [file, create] of Object.entries(BY_FILE)) {
  const golden = readGolden(`transforms/${file}`);
  test.each(golden.cases.map((each) => [each.name, each] as const))(
    `${golden.parity}(%s) gives MONAI's voxels`,
    (_, each) => {
      const transform = create(camelCased(each.options) as never);
      const { sample } = compose([transform]).apply(sampleOf(each), new Random(0));
      expectImage(sample.images['image'], each.expected['image'], golden.tolerance);
    },
  );
}

/** Random transforms: the operation with the numbers that MONAI drew. */
const DRAWN: Record<string, string> = {
  'rand-bias-field': 'BiasField',
  'rand-coarse-dropout': 'CoarseDropout',
  'rand-histogram-shift': 'HistogramShift',
  'rand-simulate-low-resolution': 'SimulateLowResolution',
};

for (const [file, name] of Object.entries(DRAWN)) {
  const golden = readGolden(`transforms/${file}`);
  test.each(golden.cases.map((each) => [each.name, each] as const))(
    `${golden.parity}: %s, with its drawn numbers`,
    (_, each) => {
      const options = { dropoutHoles: true, seed: 0, ...camelCased(each.options) };
      const sample = applyTransform(sampleOf(each), { kind: 'intensity', name, options });
      expectImage(sample.images['image'], each.expected['image'], golden.tolerance);
    },
  );
}

test('monai.transforms.Rand3DElastic displaces by smoothed offsets', () => {
  const { cases, tolerance } = readGolden('transforms/rand3d-elastic');
  for (const each of cases) {
    const { sigma, magnitude } = each.options as { sigma: number; magnitude: number };
    const size = tensorShape(each.inputs['offsets']).slice(1) as [number, number, number];
    const offsets = thirds(each.inputs['offsets'], 3).map((values) => {
      gaussianFilter(values, size, { sigma: [sigma, sigma, sigma], truncated: 3 });
      return values.map((value) => value * magnitude);
    });
    expectWarped(each, offsets, tolerance);
  }
});

test('torch.nn.functional.interpolate, bicubic, gives the offsets between control points', () => {
  const { cases, tolerance } = readGolden('transforms/upsample-cubic');
  for (const each of cases) {
    const [rows, columns] = tensorShape(each.inputs['coarse']) as [number, number];
    const [height, width] = tensorShape(each.expected['fine']) as [number, number];
    const [distanceY, distanceX] = each.options['distance'] as [number, number];
    const coarse = goldenValues(each.inputs['coarse'] as GoldenTensor) as Float32Array;
    const fine = upsampleCubic(coarse, { rows, columns, height, width, distanceY, distanceX });
    expect(relativeError(fine, goldenValues(each.expected['fine'] as GoldenTensor))).toBeLessThanOrEqual(tolerance);
  }
});

test('monai.transforms.AsDiscrete gives the same labels', () => {
  for (const each of readGolden('transforms/as-discrete').cases) {
    const result = asDiscrete(imageOf(each.inputs['image']), camelCased(each.options));
    expect([...result.data]).toEqual([...goldenValues(each.expected['image'] as GoldenTensor)]);
    expect(result.shape).toEqual(each.expected['image']?.shape);
  }
});

test('monai.transforms.MapLabelValue gives the same labels', () => {
  for (const each of readGolden('transforms/map-label-value').cases) {
    const image = imageOf(each.inputs['image']);
    const label = { ...image, data: Uint8Array.from(image.data) };
    const transform = mapLabelValue(camelCased(each.options) as never);
    const { sample } = compose([transform]).apply({ images: {}, labels: { label } }, new Random(0));
    expect([...(sample.labels['label']?.data ?? [])]).toEqual([
      ...goldenValues(each.expected['image'] as GoldenTensor),
    ]);
  }
});

function expectWarped(each: GoldenCase, offsets: Float32Array[], tolerance: number): void {
  const { data, shape } = imageOf(each.inputs['image']);
  const [channels, depth, height, width] = shape;
  const field = latticeField(offsets, [depth, height, width], 1);
  const result = new Float32Array(data.length);
  const row = createRow(width);
  for (let line = 0; line < channels * depth * height; line++) {
    const [c, z, y] = [Math.floor(line / (depth * height)), Math.floor(line / height) % depth, line % height];
    row.z.fill(z);
    row.y.fill(y);
    for (let x = 0; x < width; x++) row.x[x] = x;
    field.displace(row);
    for (const [axis, last] of [
      [row.z, depth - 1],
      [row.y, height - 1],
      [row.x, width - 1],
    ] as const)
      for (let x = 0; x < width; x++) axis[x] = Math.min(Math.max(axis[x] as number, 0), last);
    const source = { data, start: c * depth * height * width, size: [depth, height, width] as const, outside: 0 };
    sampleRowLinear(source, row, result, line * width);
  }
  expect(relativeError(result, goldenValues(each.expected['image'] as GoldenTensor))).toBeLessThanOrEqual(tolerance);
}

function expectImage(image: ImageArray | undefined, expected: GoldenTensor | undefined, tolerance: number): void {
  if (!image || !expected) throw new TypeError('no image');
  expect(image.shape).toEqual(expected.shape);
  expect(relativeError(image.data, goldenValues(expected))).toBeLessThanOrEqual(tolerance);
}

function sampleOf(each: GoldenCase): Sample {
  const image = imageOf(each.inputs['image']);
  const [z, y, x] = (each.options['spacing'] as [number, number, number] | undefined) ?? [1, 1, 1];
  return { images: { image: { ...image, spacingMm: [x, y, z] } }, labels: {} };
}

function imageOf(tensor: GoldenTensor | undefined): ImageArray {
  if (!tensor) throw new TypeError('no tensor');
  return {
    data: Float32Array.from(goldenValues(tensor)),
    shape: tensor.shape as ImageArray['shape'],
    spacingMm: [1, 1, 1],
  };
}

function thirds(tensor: GoldenTensor | undefined, parts: number): Float32Array[] {
  const values = Float32Array.from(goldenValues(tensor as GoldenTensor));
  const length = values.length / parts;
  return Array.from({ length: parts }, (_, i) => values.slice(i * length, (i + 1) * length));
}

function tensorShape(tensor: GoldenTensor | undefined): readonly number[] {
  return (tensor as GoldenTensor).shape;
}

function camelCased(options: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(options).map(([key, value]) => [
    key.replace(/_(.)/g, (_, c: string) => c.toUpperCase()),
    named(value),
  ]);
  return Object.fromEntries(entries);
}

/** The interpolation modes of PyTorch under our names. */
function named(value: unknown): unknown {
  return value === 'bilinear' || value === 'trilinear' ? 'linear' : value;
}
