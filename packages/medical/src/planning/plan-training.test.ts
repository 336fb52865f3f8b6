import { affineFromSpacing, createVolume, reorient, type Triple } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CaseSummary, summarizeCase } from './case-summary.ts';
import { fingerprintOf } from './fingerprint.ts';
import { planStages } from './plan-stages.ts';
import { type PlanOptions, planTraining } from './plan-training.ts';
import { featuresOf, type PlannedDynUNet } from './training-plan.ts';

const LABELS = [
  { value: 0, name: 'background' },
  { value: 1, name: 'Anterior' },
  { value: 2, name: 'Posterior' },
];

function summaries(size: Triple, spacingMm: Triple, count = 40): CaseSummary[] {
  const intensity = {
    count: 9,
    mean: 5,
    standardDeviation: 1,
    minimum: 0,
    percentile0_5: 1,
    median: 5,
    percentile99_5: 9,
    maximum: 10,
  };
  const channel = {
    overall: intensity,
    foreground: intensity,
    foregroundSample: [1, 2, 3],
    notFinite: 0,
    zeroShare: 0,
  };
  return Array.from({ length: count }, (_, i) => ({
    id: `c${i}`,
    size,
    spacingMm,
    orientation: 'RAS',
    channels: [channel],
    classVoxels: { '0': 900, '1': 60, '2': 40 },
  }));
}

const planOf = (size: Triple, spacingMm: Triple, options: PlanOptions = {}, labels = LABELS) =>
  planTraining(
    fingerprintOf(summaries(size, spacingMm), { name: 'test', channels: [{ name: 'MRI' }], labels }),
    options,
  );

test('plans the patch and depth that nnU-Net plans for the hippocampus: 40 x 56 x 40, halved three times', () => {
  const plan = planOf([35, 51, 35], [1, 1, 1]);
  expect(plan.patchShape.value).toEqual([40, 56, 40]);
  expect(plan.network.value).toMatchObject({ name: 'UNet', strides: Array(3).fill([2, 2, 2]) });
  const larger = planOf([35, 51, 35], [1, 1, 1], { device: 'gpu' }).network.value;
  expect(larger).toMatchObject({ name: 'DynUNet', strides: [[1, 1, 1], ...Array(3).fill([2, 2, 2])] });
  expect(featuresOf(plan.network.value)).toEqual([16, 32, 64, 128]);
  expect(plan.targetSpacingMm.value).toEqual([1, 1, 1]);
});

test('keeps thick slices until the plane has caught up', () => {
  const plan = planOf([256, 256, 24], [0.7, 0.7, 5], { device: 'gpu' });
  const network = plan.network.value as PlannedDynUNet;
  expect(network.kernelSize[0]).toEqual([1, 3, 3]);
  expect(network.strides[1]).toEqual([1, 2, 2]);
  expect(plan.augmentation.value.inPlaneOnly).toBe(true);
});

test('plans two dimensions for single slices', () => {
  const plan = planOf([256, 200, 1], [1, 1, 1]);
  expect(plan.spatialDimensions.value).toBe(2);
  expect(plan.patchShape.value).toHaveLength(2);
});

test('changes the colours of coloured pictures, and of nothing else', () => {
  const coloured = summaries([256, 256, 1], [1, 1, 1]).map((one) => ({
    ...one,
    channels: Array(3).fill(one.channels[0]),
  }));
  const colourOf = (names: readonly string[]): boolean | undefined => {
    const channels = names.map((name) => ({ name }));
    return planTraining(fingerprintOf(coloured, { name: 'test', channels, labels: LABELS })).augmentation.value.colour;
  };
  expect(colourOf(['red', 'green', 'blue'])).toBe(true);
  expect(colourOf(['T1', 'T2', 'FLAIR'])).toBeUndefined();
});

test('never mirrors left and right where the labels tell them apart', () => {
  const sided = [
    { value: 0, name: 'background' },
    { value: 1, name: 'left_kidney' },
    { value: 2, name: 'right_kidney' },
  ];
  expect(planOf([35, 51, 35], [1, 1, 1], {}, sided).augmentation.value.mirrorAxes).toEqual([0, 1]);
  expect(planOf([35, 51, 35], [1, 1, 1]).augmentation.value.mirrorAxes).toEqual([0, 1, 2]);
});

test('is plain JSON and gives every choice a reason', () => {
  const plan = planOf([35, 51, 35], [1, 1, 1]);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  for (const choice of Object.values(plan)) {
    if (typeof choice === 'object' && 'value' in choice) expect(choice.why).toMatch(/^\S.*\.$/);
  }
});

test('patches fit the budget, divide by the strides and reach the depth the network needs', () => {
  const size = fc.integer({ min: 8, max: 600 });
  const mm = fc.double({ min: 0.3, max: 8, noNaN: true });
  fc.assert(
    fc.property(fc.tuple(size, size, size), fc.tuple(mm, mm, mm), (medianSize, spacingMm) => {
      const { patch, strides, kernelSize } = planStages({ medianSize, spacingMm, patchVoxels: 64 ** 3, mostLevels: 5 });
      const total = (axis: number) => strides.reduce((product, stride) => product * (stride[axis] as number), 1);
      for (const [axis, n] of patch.entries()) expect(n % total(axis)).toBe(0);
      expect(patch.reduce((a, b) => a * b)).toBeLessThanOrEqual(64 ** 3);
      expect(strides.length).toBeGreaterThanOrEqual(3);
      expect(kernelSize).toHaveLength(strides.length);
    }),
  );
});

test('summarises a case: percentiles, classes, and what is inside the label', () => {
  const image = createVolume({ voxels: Float32Array.from({ length: 64 }, (_, i) => i), size: [4, 4, 4] });
  const label = createVolume({ voxels: Uint8Array.from({ length: 64 }, (_, i) => (i >= 60 ? 2 : 0)), size: [4, 4, 4] });
  const { channels, classVoxels, orientation } = summarizeCase({ id: 'a', channels: [image], label });
  expect(classVoxels).toEqual({ '0': 60, '2': 4 });
  expect(orientation).toBe('LPS');
  expect(channels[0]?.overall).toMatchObject({ minimum: 0, median: 31.5, maximum: 63, mean: 31.5 });
  expect(channels[0]?.foreground).toMatchObject({ minimum: 60, maximum: 63, median: 61.5 });
});

test('counts what is not finite and leaves it out', () => {
  const image = createVolume({ voxels: Float32Array.of(1, Number.NaN, 3, Number.POSITIVE_INFINITY), size: [2, 2, 1] });
  expect(summarizeCase({ id: 'a', channels: [image] }).channels[0]).toMatchObject({
    notFinite: 2,
    overall: { maximum: 3 },
  });
});

test('turns sizes and spacings of differently stored scans to one orientation', () => {
  const voxelToLps = affineFromSpacing([1, 2, 3]);
  const usual = createVolume({ voxels: new Uint8Array(60), size: [3, 4, 5], voxelToLps });
  const other = reorient(usual, 'IRA');
  const all = [usual, usual, other].map((volume, i) => summarizeCase({ id: `c${i}`, channels: [volume] }));
  const { orientation, spacingMm, sizeVoxels } = fingerprintOf(all, {
    name: 't',
    channels: [{ name: 'MR' }],
    labels: LABELS,
  });
  expect(orientation).toBe('LPS');
  expect(spacingMm.minimum).toEqual([1, 2, 3]);
  expect(spacingMm.maximum).toEqual([1, 2, 3]);
  expect(sizeVoxels.maximum).toEqual([3, 4, 5]);
});

test('takes scans from air to bone for CT unless their name says otherwise', () => {
  const image = createVolume({ voxels: Int16Array.of(-1000, 40, 1200, 60), size: [2, 2, 1] });
  const all = [summarizeCase({ id: 'a', channels: [image] })];
  const modality = (name: string) =>
    fingerprintOf(all, { name: 't', channels: [{ name }], labels: LABELS }).channels[0]?.modality;
  expect(modality('image')).toBe('ct');
  expect(modality('T1')).toBe('other');
});
