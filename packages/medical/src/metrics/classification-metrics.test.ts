import { expect, test } from 'vitest';
import { goldenInput, largestError } from '../../../../golden/metrics/compare.ts';
import { type GoldenCase, type GoldenTensor, readGolden } from '../../../../golden/read-golden.ts';
import { averageOverClasses, type BinaryMetric, eachClass } from './average-over-classes.ts';
import { computeAveragePrecision } from './average-precision.ts';
import { brierScore } from './brier-score.ts';
import { calibrationBinning, computeCalibrationError } from './calibration-error.ts';
import { CONFUSION_MATRIX_METRICS, computeConfusionMatrixMetric } from './confusion-matrix.ts';
import { delongInterval, delongTest } from './delong.ts';
import { computeFpTpProbs, computeFrocCurveData, computeFrocScore } from './froc.ts';
import { computeRocAuc } from './roc-auc.ts';
import { rocCurve } from './roc-curve.ts';
import { sensitivityAtSpecificity, specificityAtSensitivity } from './sensitivity-at-specificity.ts';

const RANKING: Record<string, BinaryMetric> = {
  'roc-auc': computeRocAuc,
  'average-precision': computeAveragePrecision,
};

function casesOf(name: string): [GoldenCase[], (got: ArrayLike<number>, expected: GoldenTensor | undefined) => void] {
  const golden = readGolden(`metrics/${name}`);
  const equal = (got: ArrayLike<number>, expected: GoldenTensor | undefined): void => {
    if (expected) expect(largestError(got, expected)).toBeLessThanOrEqual(golden.tolerance);
  };
  return [[...golden.cases], equal];
}

for (const [name, metric] of Object.entries(RANKING)) {
  const [cases, equal] = casesOf(name);
  test.each(cases)(`${name} equals MONAI and scikit-learn: $name`, (example) => {
    const [scores, truth] = [goldenInput(example, 'scores'), goldenInput(example, 'truth')];
    const { monai, sklearn, macro, weighted, micro, none } = example.expected;
    if (macro === undefined) {
      equal([metric(scores, truth)], monai);
      equal([metric(scores, truth)], sklearn);
      return;
    }
    const classes = { scores, truth, numClasses: 3 };
    equal([averageOverClasses(metric, classes)], macro);
    equal([averageOverClasses(metric, classes, 'weighted')], weighted);
    equal([averageOverClasses(metric, classes, 'micro')], micro);
    equal(eachClass(metric, classes), none);
  });
}

test('the ROC curve and its operating points equal scikit-learn', () => {
  const [cases, equal] = casesOf('roc-curve');
  for (const example of cases) {
    const [scores, truth] = [goldenInput(example, 'scores'), goldenInput(example, 'truth')];
    const curve = rocCurve(scores, truth);
    const points = example.options['points'] as number[];
    equal(
      curve.falsePositives.map((n) => n / curve.negatives),
      example.expected['fpr'],
    );
    equal(
      curve.truePositives.map((n) => n / curve.positives),
      example.expected['tpr'],
    );
    equal(curve.thresholds.subarray(1), example.expected['thresholds']);
    const best = points.map((least) => sensitivityAtSpecificity(scores, truth, least));
    equal(
      best.map((point) => point.sensitivity),
      example.expected['sensitivity'],
    );
    equal(
      points.map((least) => specificityAtSensitivity(scores, truth, least).specificity),
      example.expected['specificity'],
    );
    for (const { threshold, sensitivity } of best) {
      const called = Array.from(scores).filter((score, i) => truth[i] === 1 && score >= threshold).length;
      expect(called / curve.positives).toBe(sensitivity);
    }
  }
});

test('an operating point without cases of both kinds is NaN', () => {
  expect(sensitivityAtSpecificity([0.1, 0.4], [1, 1], 0.9).specificity).toBeNaN();
  expect(specificityAtSensitivity([], [], 0.9).specificity).toBeNaN();
});

test('figures of merit from counts equal monai.metrics.compute_confusion_matrix_metric', () => {
  const [[example], equal] = casesOf('confusion-matrix-metric');
  if (!example) throw new Error('no golden case');
  const counts = Array.from(goldenInput(example, 'counts'));
  const matrices = Array.from(
    { length: counts.length / 4 },
    (_, i) => counts.slice(4 * i, 4 * i + 4) as [number, number, number, number],
  );
  expect(Object.keys(example.expected)).toEqual(CONFUSION_MATRIX_METRICS);
  for (const metric of CONFUSION_MATRIX_METRICS) {
    const got = matrices.map(([truePositive, falsePositive, trueNegative, falseNegative]) =>
      computeConfusionMatrixMetric(metric, { truePositive, falsePositive, trueNegative, falseNegative }),
    );
    equal(got, example.expected[metric]);
  }
});

const [calibrationCases, equalCalibration] = casesOf('calibration-error');
test.each(calibrationCases)('calibration equals monai.metrics.CalibrationErrorMetric: $name', (example) => {
  const [scores, truth] = [goldenInput(example, 'scores'), goldenInput(example, 'truth')];
  const numBins = example.options['numBins'] as number;
  for (const calibrationReduction of ['expected', 'average', 'maximum'] as const) {
    const got = computeCalibrationError(scores, truth, { numBins, calibrationReduction });
    equalCalibration([got], example.expected[calibrationReduction]);
  }
  const bins = calibrationBinning(scores, truth, numBins);
  for (const key of ['meanProbability', 'meanTruth', 'count'] as const) {
    equalCalibration(
      bins.map((bin) => bin[key]),
      example.expected[key],
    );
  }
});

test('the Brier score equals scikit-learn', () => {
  const [cases, equal] = casesOf('brier-score');
  for (const example of cases) {
    const got = brierScore(
      goldenInput(example, 'scores'),
      goldenInput(example, 'truth'),
      example.options['numClasses'] as number,
    );
    equal([got], example.expected['brier']);
  }
});

test('DeLong intervals and tests equal the definition over all pairs of cases', () => {
  const [cases, equal] = casesOf('delong');
  for (const example of cases) {
    const [scores, other, truth] = ['scores', 'other', 'truth'].map((name) => goldenInput(example, name)) as [
      Float32Array,
      Float32Array,
      Float64Array,
    ];
    const { auc, variance, low, high } = delongInterval(scores, truth, 0.9);
    equal([auc, variance, low, high], example.expected['interval90']);
    const compared = delongTest(scores, other, truth);
    equal([compared.difference, compared.variance, compared.z, compared.pValue], example.expected['test']);
    expect(auc).toBeCloseTo(computeRocAuc(scores, truth), 12);
    expect(delongTest(scores, scores, truth)).toMatchObject({ difference: 0, z: 0, pValue: 1 });
  }
});

test('FROC data and score equal MONAI', () => {
  const [cases, equal] = casesOf('froc-curve');
  for (const example of cases) {
    const { numTargets, numImages } = example.options as { numTargets: number; numImages: number };
    const detections = computeFpTpProbs(goldenInput(example, 'probs'), goldenInput(example, 'hits'), numTargets);
    equal(detections.fpProbs, example.expected['fpProbs']);
    equal(detections.tpProbs, example.expected['tpProbs']);
    const curve = computeFrocCurveData(detections, { numTargets, numImages });
    equal(curve.fpsPerImage, example.expected['fpsPerImage']);
    equal(curve.totalSensitivity, example.expected['totalSensitivity']);
    equal([computeFrocScore(curve)], example.expected['score']);
  }
});

test('what MONAI answers in steps stands in the golden file of each step', () => {
  const cases = (name: string): unknown => readGolden(`metrics/${name}`).cases;
  expect(cases('fp-tp-probs')).toEqual(cases('froc-curve'));
  expect(cases('froc-score')).toEqual(cases('froc-curve'));
  expect(cases('calibration-binning')).toEqual(cases('calibration-error'));
});

test('refuses scores and truths that cannot be compared', () => {
  expect(() => computeRocAuc([0.1], [0, 1])).toThrow('SHAPE_MISMATCH');
  expect(() => computeRocAuc([0.1, Number.NaN], [0, 1])).toThrow('NOT_FINITE: score of case 1');
  expect(() => computeRocAuc([0.1, 0.2], [0, 2])).toThrow('INVALID_ARGUMENT: truth of case 1, got 2');
  expect(() => eachClass(computeRocAuc, { scores: [1, 2, 3], truth: [0, 0, 1], numClasses: 2 })).toThrow(
    'SHAPE_MISMATCH',
  );
  expect(() => delongInterval([0.1, 0.2, 0.3], [0, 1, 1])).toThrow('INVALID_ARGUMENT');
  expect(() => computeCalibrationError([1.2], [1])).toThrow('INVALID_ARGUMENT');
  expect(() => brierScore([1, 0, 1], [1, 0, 1], 2)).toThrow('SHAPE_MISMATCH');
  expect(() => computeFpTpProbs([0.5], [3], 2)).toThrow('LABEL_OUT_OF_RANGE');
});
