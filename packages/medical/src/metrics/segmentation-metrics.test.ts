import { expect, test } from 'vitest';
import { goldenInput, goldenLabels, largestError } from '../../../../golden/metrics/compare.ts';
import { type GoldenTensor, readGolden } from '../../../../golden/read-golden.ts';
import type { LabelMap } from '../post-processing/label-map.ts';
import { computeAverageSurfaceDistance } from './average-surface-distance.ts';
import { getConfusionMatrix } from './confusion-matrix.ts';
import { computeDice } from './dice.ts';
import { computeHausdorffDistance } from './hausdorff-distance.ts';
import { computeIou } from './iou.ts';
import { meanOfEachClass, meanOverCases } from './reduce-metric.ts';
import { computeSurfaceDice } from './surface-dice.ts';
import { computeAbsoluteVolumeDifference, computeVolumeSimilarity } from './volume-difference.ts';

interface Call {
  include_background?: boolean;
  ignore_empty?: boolean;
  percentile?: number;
  directed?: boolean;
  symmetric?: boolean;
  class_thresholds?: number[];
}

type Metric = (prediction: LabelMap, truth: LabelMap, options: ReturnType<typeof optionsOf>) => number[];

function optionsOf(call: Call) {
  return {
    numClasses: 3,
    ...(call.include_background !== undefined && { includeBackground: call.include_background }),
    ...(call.ignore_empty !== undefined && { ignoreEmpty: call.ignore_empty }),
    ...(call.percentile !== undefined && { percentile: call.percentile }),
    ...(call.directed !== undefined && { directed: call.directed }),
    ...(call.symmetric !== undefined && { symmetric: call.symmetric }),
    classThresholds: call.class_thresholds ?? [],
  };
}

const METRICS: [string, Metric][] = [
  ['dice', computeDice],
  ['iou', computeIou],
  ['absolute-volume-difference', computeAbsoluteVolumeDifference],
  ['hausdorff-distance', computeHausdorffDistance],
  ['average-surface-distance', computeAverageSurfaceDistance],
  ['surface-dice', computeSurfaceDice],
  ['get-confusion-matrix', countsOf],
];

function countsOf(prediction: LabelMap, truth: LabelMap, options: ReturnType<typeof optionsOf>): number[] {
  return getConfusionMatrix(prediction.voxels, truth.voxels, options).flatMap((m) => [
    m.truePositive,
    m.falsePositive,
    m.trueNegative,
    m.falseNegative,
  ]);
}

for (const [name, metric] of METRICS) {
  const golden = readGolden(`metrics/${name}`);
  test.each(golden.cases)(`${name} equals ${golden.parity}: $name`, (example) => {
    const [prediction, truth] = [goldenLabels(example, 'prediction'), goldenLabels(example, 'truth')];
    (example.options['calls'] as Call[]).forEach((call, index) => {
      const got = metric(prediction, truth, optionsOf(call));
      expect(largestError(got, example.expected[index] as GoldenTensor), JSON.stringify(call)).toBeLessThanOrEqual(
        golden.tolerance,
      );
    });
  });
}

test('means over classes and cases equal monai.metrics.do_metric_reduction where there is an answer', () => {
  const [example] = readGolden('metrics/metric-reduction').cases;
  if (!example) throw new Error('no golden case');
  const flat = goldenInput(example, 'perCase');
  const perCase = [0, 3, 6].map((from) => Array.from(flat.subarray(from, from + 3)));
  expect(largestError([meanOverCases(perCase)], example.expected['mean'] as GoldenTensor)).toBeLessThan(1e-7);
  expect(largestError(meanOfEachClass(perCase), example.expected['mean_batch'] as GoldenTensor)).toBeLessThan(1e-7);
  expect(meanOverCases([[Number.NaN]])).toBeNaN();
});

const SPACING = [1, 1, 1] as const;
const map = (voxels: number[], size: [number, number, number]): LabelMap => ({
  voxels: Uint8Array.from(voxels),
  size,
  spacingMm: SPACING,
});

test('volume similarity forgets the place, volumes are in mm3', () => {
  const [a, b] = [map([1, 1, 0, 0], [4, 1, 1]), map([0, 0, 1, 1], [4, 1, 1])];
  expect(computeVolumeSimilarity(a, b, { numClasses: 2, includeBackground: false })).toEqual([1]);
  expect(computeVolumeSimilarity(a, map([0, 0, 0, 0], [4, 1, 1]), { numClasses: 2 })[1]).toBe(0);
  expect(computeVolumeSimilarity(a, b, { numClasses: 3 })[2]).toBeNaN();
  const coarse = { ...a, spacingMm: [2, 3, 4] as const };
  const none = { ...map([0, 0, 0, 1], [4, 1, 1]), spacingMm: [2, 3, 4] as const };
  expect(computeAbsoluteVolumeDifference(coarse, none, { numClasses: 2 })).toEqual([24, 24]);
});

test('a shift by one voxel gives its length along that axis, however large the image', () => {
  const size = [40, 30, 20] as const;
  const cube = (from: number[]): LabelMap => {
    const voxels = new Uint16Array(40 * 30 * 20);
    for (let i = 0; i < voxels.length; i++) {
      const at = [i % 40, Math.floor(i / 40) % 30, Math.floor(i / 1200)];
      voxels[i] = at.every((n, axis) => n >= (from[axis] as number) && n < (from[axis] as number) + 8) ? 1 : 0;
    }
    return { voxels, size, spacingMm: [0.5, 1.5, 4] };
  };
  const start = [10, 10, 8];
  for (const [axis, mm] of [0.5, 1.5, 4].entries()) {
    const moved = start.map((n, k) => (k === axis ? n + 1 : n));
    expect(computeHausdorffDistance(cube(moved), cube(start), { numClasses: 2 })).toEqual([mm]);
    expect(computeSurfaceDice(cube(moved), cube(start), { numClasses: 2, classThresholds: [mm] })).toEqual([1]);
  }
});

test('refuses other grids, unknown labels and options that cannot be', () => {
  const a = map([0, 1, 0, 1], [4, 1, 1]);
  const options = { numClasses: 2 };
  expect(() => computeDice(a, map([0, 1, 0, 1], [2, 2, 1]), options)).toThrow('GEOMETRY_MISMATCH');
  expect(() => computeHausdorffDistance(a, { ...a, spacingMm: [1, 1, 2] }, options)).toThrow('GEOMETRY_MISMATCH');
  expect(() => computeDice(a, map([0, 1, 0], [4, 1, 1]), options)).toThrow('SHAPE_MISMATCH');
  expect(() => computeIou(a, map([0, 2, 0, 1], [4, 1, 1]), options)).toThrow('LABEL_OUT_OF_RANGE: label, got 2');
  expect(() => computeDice(a, a, { numClasses: 1 })).toThrow('INVALID_ARGUMENT');
  expect(() => computeHausdorffDistance(a, a, { numClasses: 2, percentile: 101 })).toThrow('INVALID_ARGUMENT');
  expect(() => computeSurfaceDice(a, a, { numClasses: 2, classThresholds: [1, 1] })).toThrow('INVALID_ARGUMENT');
  expect(() => computeSurfaceDice(a, a, { numClasses: 2, classThresholds: [-1] })).toThrow('INVALID_ARGUMENT');
});
