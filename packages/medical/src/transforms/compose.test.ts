import { Random } from '@vesalius/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replay } from './apply-transform.ts';
import { compose } from './compose.ts';
import { createTransform, TRANSFORM_NAMES, type TransformName } from './create-transform.ts';
import { randAdjustContrast } from './intensity/adjust-contrast.ts';
import { randGaussianNoise } from './intensity/noise.ts';
import { invert } from './invert.ts';
import type { ImageArray, LabelVoxels, Sample, Size } from './sample.ts';
import { randAffine } from './spatial/affine.ts';
import { randSpatialCrop } from './spatial/crop.ts';
import { rand3DElastic } from './spatial/elastic.ts';
import { randFlip } from './spatial/flip.ts';
import type { Transform } from './transform.ts';

const VOLUME: Size = [10, 12, 14];
const PLANE: Size = [1, 12, 14];

/** Options that make every transform change the sample. */
const OPTIONS: Record<TransformName, object> = {
  AdjustContrast: { gamma: 2 },
  Affine: { rotateParams: [0.2], translateParams: [1, 0.5] },
  BorderPad: { spatialBorder: 2 },
  CenterSpatialCrop: { roiSize: 8 },
  ClipIntensityPercentiles: { lower: 5, upper: 95 },
  CropForeground: { sourceKey: 'organ' },
  DivisiblePad: { k: 8 },
  Flip: { spatialAxis: 1 },
  GaussianSmooth: { sigma: 1.2 },
  HistogramNormalize: {},
  LabelToOnehot: { numClasses: 4 },
  MapLabelValue: { origLabels: [1], targetLabels: [2] },
  NormalizeIntensity: {},
  Rand2DElastic: { prob: 1, spacing: 4, magnitudeRange: [1, 2] },
  Rand3DElastic: { prob: 1, sigmaRange: [3, 5], magnitudeRange: [20, 40], rotateRange: [0.1] },
  RandAdjustContrast: { prob: 1 },
  RandAffine: { prob: 1, rotateRange: [0.3, 0.3, 0.3], scaleRange: [0.1], paddingMode: 'zeros' },
  RandAxisFlip: { prob: 1 },
  RandBiasField: { prob: 1 },
  RandCoarseDropout: { prob: 1, holes: 2, spatialSize: 3, maxSpatialSize: 5, maxHoles: 4 },
  RandColourJitter: { prob: 1, keys: ['photo'] },
  RandCropByPosNegLabel: { labelKey: 'organ', spatialSize: 6 },
  RandFlip: { prob: 1 },
  RandGaussianNoise: { prob: 1, keys: ['t1'] },
  RandGaussianSmooth: { prob: 1 },
  RandHistogramShift: { prob: 1, numControlPoints: [4, 9] },
  RandRicianNoise: { prob: 1, relative: true, channelWise: true },
  RandRotate90: { prob: 1 },
  RandScaleIntensity: { prob: 1, factors: 0.3 },
  RandShiftIntensity: { prob: 1, offsets: [0.1, 0.3] },
  RandSimulateLowResolution: { prob: 1, zoomRange: [0.5, 0.8] },
  RandSpatialCrop: { roiSize: 6, randomSize: true },
  RandZoom: { prob: 1, minZoom: 0.7, maxZoom: 0.8 },
  Resize: { spatialSize: 9 },
  ResizeWithPadOrCrop: { spatialSize: 11 },
  Rotate90: { k: 1 },
  ScaleIntensity: {},
  ScaleIntensityRange: { aMin: 0, aMax: 2, clip: true },
  ScaleIntensityRangePercentiles: { lower: 1, upper: 99 },
  ShiftIntensity: { offset: 1 },
  SimulateLowResolution: { zoom: 0.5 },
  Spacing: { pixdim: 1.5 },
  SpatialCrop: { roiStart: [0, 2, 3], roiEnd: [1, 9, 9] },
  SpatialPad: { spatialSize: 16 },
  ThresholdIntensity: { threshold: 0.2 },
  Zoom: { zoom: 1.3 },
};

const CASES = TRANSFORM_NAMES.flatMap((name) =>
  [VOLUME, PLANE].filter((size) => !(name === 'Rand2DElastic' && size === VOLUME)).map((size) => [name, size] as const),
);

test.each(CASES)('%s on %s: its record, through JSON, gives the same bytes again', (name, size) => {
  const sample = sampleOf(size);
  const before = structuredClone(sample);
  const transform = createTransform({ name, options: OPTIONS[name] });
  const { sample: once, applied } = compose([transform]).apply(sample, new Random('replay'));
  expect(applied).toHaveLength(1);
  expect(once).not.toEqual(before);
  expect(sample).toEqual(before);
  expect(replay(sample, JSON.parse(JSON.stringify(applied)))).toEqual(once);
  const again = createTransform(JSON.parse(JSON.stringify(transform)));
  expect(compose([again]).apply(sample, new Random('replay'))).toEqual({ sample: once, applied });
});

test.each(CASES)('%s on %s: labels stay label values, on the grid of the images', (name, size) => {
  const sample = sampleOf(size);
  const { sample: result } = compose([createTransform({ name, options: OPTIONS[name] })]).apply(
    sample,
    new Random('labels'),
  );
  const allowed = new Set(sample.labels['organ']?.data);
  for (const value of new Set(result.labels['organ']?.data)) expect(allowed).toContain(value);
  expect(result.labels['organ']?.data).toBeInstanceOf(Uint8Array);
  expect(result.labels['organ']?.shape.slice(1)).toEqual(result.images['t1']?.shape.slice(1));
});

const EXACT = [
  'Flip',
  'RandFlip',
  'RandAxisFlip',
  'Rotate90',
  'RandRotate90',
  'BorderPad',
  'SpatialPad',
  'DivisiblePad',
] as const;

test.each(EXACT)('%s is undone without loss', (name) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 2, max: 7 }),
      (z, y, x) => {
        const sample = sampleOf([z, y, x]);
        const { sample: there, applied } = compose([createTransform({ name, options: OPTIONS[name] })]).apply(
          sample,
          new Random(z),
        );
        expect(invert(there, applied)).toEqual(sample);
      },
    ),
    { numRuns: 30 },
  );
});

const CROPS = [
  'CenterSpatialCrop',
  'SpatialCrop',
  'RandSpatialCrop',
  'CropForeground',
  'RandCropByPosNegLabel',
  'ResizeWithPadOrCrop',
] as const;

test.each(CROPS)('%s is undone where it kept voxels; the rest is 0', (name) => {
  const sample = sampleOf(VOLUME);
  const { sample: there, applied } = compose([createTransform({ name, options: OPTIONS[name] })]).apply(
    sample,
    new Random(3),
  );
  const { data, shape } = invert(there, applied).images['t1'] as ImageArray;
  expect(shape).toEqual(sample.images['t1']?.shape);
  const original = (sample.images['t1'] as ImageArray).data;
  for (let i = 0; i < data.length; i++) expect([0, original[i]]).toContain(data[i]);
  const kept = (there.images['t1'] as ImageArray).data.filter((value) => value !== 0).length;
  expect(data.filter((value) => value !== 0)).toHaveLength(kept);
});

test.each(['Affine', 'RandAffine', 'Zoom', 'RandZoom', 'Resize', 'Spacing'] as const)(
  '%s is undone but for interpolation: a smooth blob comes back to 6 percent',
  (name) => {
    const sample = smoothSample([32, 32, 32]);
    const options = name === 'Resize' ? { spatialSize: 26 } : OPTIONS[name];
    const { sample: there, applied } = compose([createTransform({ name, options })]).apply(sample, new Random(4));
    const back = invert(there, applied);
    expect(back.images['t1']?.shape).toEqual([1, 32, 32, 32]);
    const [got, expected] = [back, sample].map((each) => (each.images['t1'] as ImageArray).data) as [
      Float32Array,
      Float32Array,
    ];
    const worst = got.reduce((most, value, i) => Math.max(most, Math.abs(value - (expected[i] as number))), 0);
    expect(worst).toBeLessThan(0.06);
  },
);

test('an even prediction comes back even up to the edges of a resized image, and 0 beyond a crop', () => {
  const even = {
    data: new Float32Array(16 ** 3).fill(1),
    shape: [1, 16, 16, 16] as const,
    spacingMm: [1, 1, 1] as const,
  };
  for (const n of [11, 23]) {
    const resized = compose([createTransform({ name: 'Resize', options: { spatialSize: n } })]);
    const { sample, applied } = resized.apply({ images: { even }, labels: {} }, new Random(0));
    expect(invert(sample, applied).images['even']?.data.every((value) => Math.abs(value - 1) < 1e-6)).toBe(true);
  }
  const cropped = compose([
    createTransform({ name: 'CenterSpatialCrop', options: { roiSize: 8 } }),
    createTransform({ name: 'Resize', options: { spatialSize: 12 } }),
  ]);
  const { sample, applied } = cropped.apply({ images: { even }, labels: {} }, new Random(0));
  const total = (invert(sample, applied).images['even'] as ImageArray).data.reduce((sum, value) => sum + value);
  expect(total).toBeCloseTo(8 ** 3, 3);
});

test('refuses to invert an elastic deformation', () => {
  const transform = createTransform({ name: 'Rand3DElastic', options: OPTIONS.Rand3DElastic });
  const { sample, applied } = compose([transform]).apply(sampleOf(VOLUME), new Random(1));
  expect(() => invert(sample, applied)).toThrow('INVALID_ARGUMENT: inverse of Rand3DElastic');
});

const AUGMENTATION: readonly Transform[] = [
  rand3DElastic({ prob: 1, sigmaRange: [4, 4], magnitudeRange: [20, 20], paddingMode: 'border' }),
  randAffine({ prob: 1, rotateRange: [0.2, 0.2, 0.2], paddingMode: 'border' }),
  randFlip({ prob: 1, spatialAxis: 2 }),
  randSpatialCrop({ roiSize: 16 }),
  randGaussianNoise({ prob: 1, std: 0.01 }),
  randAdjustContrast({ prob: 1, gamma: [0.9, 1.1] }),
];

test('joins spatial transforms into one resampling that agrees with one after the other', () => {
  const sample = smoothSample([32, 32, 32]);
  const spatial = AUGMENTATION.slice(0, 4);
  const lazy = compose(spatial).apply(sample, new Random(8));
  const eager = compose(spatial, { lazy: false }).apply(sample, new Random(8));
  expect(lazy.applied.map(({ name }) => name)).toEqual(['Rand3DElastic+RandAffine+RandFlip+RandSpatialCrop']);
  expect(eager.applied).toHaveLength(4);
  const [a, b] = [lazy, eager].map((each) => (each.sample.images['t1'] as ImageArray).data) as [
    Float32Array,
    Float32Array,
  ];
  expect(a.length).toBe(16 ** 3);
  expect(a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0)).toBeLessThan(0.02);
});

test('a whole augmentation replays to the same bytes', () => {
  const sample = smoothSample([24, 20, 28]);
  const { sample: once, applied } = compose(AUGMENTATION).apply(sample, new Random(9));
  expect(replay(sample, JSON.parse(JSON.stringify(applied)))).toEqual(once);
});

test('a pad after a crop shows padding, not what was cropped', () => {
  const crop = createTransform({ name: 'CenterSpatialCrop', options: { roiSize: 4 } });
  const pad = createTransform({ name: 'SpatialPad', options: { spatialSize: 8, value: -5 } });
  const { sample } = compose([crop, pad]).apply(sampleOf(VOLUME), new Random(0));
  expect(sample.images['t1']?.data[0]).toBe(-5);
  expect(sample.labels['organ']?.data[0]).toBe(0);
});

test('Resize and Spacing keep the length of the field of view in the spacing', () => {
  const resized = compose([createTransform({ name: 'Resize', options: { spatialSize: [5, 24, 7] } })]);
  const { sample } = resized.apply(sampleOf(VOLUME), new Random(0));
  expect(sample.images['t1']?.spacingMm).toEqual([4, 0.5, 4]);
  const respaced = compose([createTransform({ name: 'Spacing', options: { pixdim: [1, 2, 0.5] } })]);
  expect(respaced.apply(sampleOf(VOLUME), new Random(0)).sample.images['t1']?.spacingMm).toEqual([0.5, 2, 1]);
});

test('RandCropByPosNegLabel with pos only always holds a foreground voxel at its middle when there is room', () => {
  const transform = createTransform({
    name: 'RandCropByPosNegLabel',
    options: { labelKey: 'organ', spatialSize: 1, pos: 1, neg: 0 },
  });
  for (let seed = 0; seed < 50; seed++) {
    const { sample } = compose([transform]).apply(sampleOf(VOLUME), new Random(seed));
    expect(sample.labels['organ']?.data[0]).toBeGreaterThan(0);
  }
});

test('smoothed offsets have the same spread whatever lattice carries them', () => {
  // Expected of white noise, uniform in -1 to 1, smoothed by a Gaussian: sqrt(1/3) * (2 sqrt(pi) sigma)^-1.5.
  for (const sigma of [3, 4, 6]) {
    const size: Size = [40, 40, 40];
    const transform = createTransform({
      name: 'Rand3DElastic',
      options: { prob: 1, sigmaRange: [sigma, sigma], magnitudeRange: [1, 1], paddingMode: 'border' },
    });
    const ramp = Float32Array.from({ length: 64_000 }, (_, i) => i % 40);
    const sample: Sample = { images: { ramp: { data: ramp, shape: [1, ...size], spacingMm: [1, 1, 1] } }, labels: {} };
    let sum = 0;
    let count = 0;
    for (let seed = 0; seed < 4; seed++) {
      const moved = (compose([transform]).apply(sample, new Random(seed)).sample.images['ramp'] as ImageArray).data;
      for (let i = 0; i < moved.length; i++) {
        const inner = [i % 40, Math.floor(i / 40) % 40, Math.floor(i / 1600)].every((at) => at > 12 && at < 27);
        if (inner) [sum, count] = [sum + ((moved[i] as number) - (ramp[i] as number)) ** 2, count + 1];
      }
    }
    const expected = Math.sqrt(1 / 3) * (2 * Math.sqrt(Math.PI) * sigma) ** -1.5;
    expect(Math.sqrt(sum / count) / expected).toBeGreaterThan(0.7);
    expect(Math.sqrt(sum / count) / expected).toBeLessThan(1.35);
  }
});

test('refuses what cannot be: unknown names, unknown keys, images of unlike size', () => {
  const sample = sampleOf(VOLUME);
  const apply = (transform: Transform, to = sample) => compose([transform]).apply(to, new Random(0));
  expect(() => createTransform({ name: 'toString', options: {} })).toThrow('UNKNOWN_OPTION');
  expect(() => apply(createTransform({ name: 'ShiftIntensity', options: { offset: 1, keys: ['t9'] } }))).toThrow(
    'UNKNOWN_OPTION',
  );
  expect(() => apply(createTransform({ name: 'Flip', options: { spatialAxis: 3 } }))).toThrow('INVALID_ARGUMENT');
  expect(() => apply(createTransform({ name: 'Resize', options: { spatialSize: [4, 5] } }))).toThrow(
    'INVALID_ARGUMENT',
  );
  const unlike = { ...sample, labels: sampleOf(PLANE).labels };
  expect(() => apply(createTransform({ name: 'Flip', options: {} }), unlike)).toThrow('GEOMETRY_MISMATCH');
  expect(() => replay(sampleOf(PLANE), apply(randFlip({ prob: 1 })).applied)).toThrow('GEOMETRY_MISMATCH');
});

function sampleOf(size: Size): Sample {
  const count = size[0] * size[1] * size[2];
  const random = new Random('sample');
  const organ: ImageArray<LabelVoxels> = {
    data: Uint8Array.from({ length: count }, (_, i) => {
      const inner = [i % size[2], Math.floor(i / size[2]) % size[1]].every(
        (at, axis) => at > 2 && at < (size[2 - axis] as number) - 3,
      );
      return inner ? random.integer(4) : 0;
    }),
    shape: [1, ...size],
    spacingMm: [2, 1, 2],
  };
  const t1 = {
    data: random.fillNormal(new Float32Array(2 * count)),
    shape: [2, ...size] as const,
    spacingMm: organ.spacingMm,
  };
  const t2 = { ...t1, data: t1.data.slice().reverse() };
  const photo = {
    ...t1,
    data: Float32Array.from({ length: 3 * count }, (_, i) => i % 17),
    shape: [3, ...size] as const,
  };
  return { images: { t1, t2, photo }, labels: { organ } };
}

/** A blob that fades out well inside the edges. */
function smoothSample(size: Size): Sample {
  const data = Float32Array.from({ length: size[0] * size[1] * size[2] }, (_, i) => {
    const at = [Math.floor(i / (size[1] * size[2])), Math.floor(i / size[2]) % size[1], i % size[2]];
    const square = at.reduce((sum, value, axis) => sum + ((value - (size[axis] as number) / 2 + 0.5) / 6) ** 2, 0);
    return Math.exp(-square);
  });
  const shape = [1, ...size] as const;
  const organ = { data: Uint8Array.from(data, (value) => (value > 0.5 ? 1 : 0)), shape, spacingMm: [1, 1, 1] as const };
  return { images: { t1: { data, shape, spacingMm: [1, 1, 1] } }, labels: { organ } };
}
