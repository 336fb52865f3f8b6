import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenInput, largestError } from '../../../../golden/metrics/compare.ts';
import { type GoldenTensor, goldenValues, readGolden } from '../../../../golden/read-golden.ts';
import { bcaEnds, bootstrapDifference, bootstrapInterval, bootstrapMean, takeCases } from './bootstrap.ts';
import { normalCdf, normalQuantile } from './normal-distribution.ts';
import { quantileOfSorted } from './quantile.ts';
import { computeRocAuc } from './roc-auc.ts';

const golden = readGolden('metrics/bootstrap');

test.each(golden.cases)('both ends equal scipy.stats.bootstrap on the same resamples: $name', (example) => {
  const [values, sorted] = [goldenInput(example, 'values'), Float64Array.from(goldenInput(example, 'sorted'))];
  const mean = (list: ArrayLike<number>): number => Array.from(list).reduce((a, b) => a + b, 0) / list.length;
  const leftOut = Float64Array.from(values, (_, i) => mean(Array.from(values).toSpliced(i, 1)));
  for (const confidence of [0.95, 0.8]) {
    const bca = bcaEnds(sorted, { estimate: mean(values), leftOut, confidence });
    const shares = [(1 - confidence) / 2, (1 + confidence) / 2];
    const percentile = shares.map((share) => quantileOfSorted(sorted, share));
    expect(largestError(bca, example.expected[`BCa${confidence}`] as GoldenTensor)).toBeLessThan(golden.tolerance);
    expect(largestError(percentile, example.expected[`percentile${confidence}`] as GoldenTensor)).toBeLessThan(
      golden.tolerance,
    );
  }
});

test.each(golden.cases)('own resamples give nearly the interval of scipy.stats.bootstrap: $name', (example) => {
  const values = goldenInput(example, 'values');
  for (const [method, name] of [
    ['bca', 'BCa'],
    ['percentile', 'percentile'],
  ] as const) {
    const { low, high, standardError } = bootstrapMean(values, { method, resamples: 4000 });
    const [expectedLow, expectedHigh] = goldenValues(example.expected[`${name}0.95`] as GoldenTensor);
    // The ends of 999 resamples scatter by about a tenth of a standard error.
    expect(Math.abs(low - (expectedLow as number)) / standardError).toBeLessThan(0.4);
    expect(Math.abs(high - (expectedHigh as number)) / standardError).toBeLessThan(0.4);
  }
});

test('the normal distribution equals scipy.stats.norm far into its tails', () => {
  const [example] = readGolden('metrics/normal-distribution').cases;
  if (!example) throw new Error('no golden case');
  const [x, p] = [goldenInput(example, 'x'), goldenInput(example, 'p')];
  expect(largestError(Array.from(x, normalCdf), example.expected['cdf'] as GoldenTensor)).toBeLessThan(1e-14);
  const logCdf = Array.from(x, (value) => Math.log(normalCdf(value)));
  expect(largestError(logCdf, example.expected['logCdf'] as GoldenTensor)).toBeLessThan(1e-12);
  expect(largestError(Array.from(p, normalQuantile), example.expected['quantile'] as GoldenTensor)).toBeLessThan(1e-11);
});

test('the same seed gives the same interval, another seed a nearby one', () => {
  const random = new Random(5);
  const dice = Array.from({ length: 30 }, () => 1 - random.uniform() ** 3 / 2);
  expect(bootstrapMean(dice, { seed: 4 })).toEqual(bootstrapMean(dice, { seed: 4 }));
  const [a, b] = [bootstrapMean(dice, { seed: 4 }), bootstrapMean(dice, { seed: 5 })];
  expect(a.low).not.toBe(b.low);
  expect(Math.abs(a.low - b.low)).toBeLessThan(a.standardError / 3);
});

test('a 90 % interval of a skewed mean covers the truth about 90 times in 100', () => {
  const random = new Random('coverage');
  let covered = 0;
  for (let trial = 0; trial < 300; trial++) {
    const sample = Array.from({ length: 40 }, () => Math.exp(random.normal(0, 0.5)));
    const { low, high } = bootstrapMean(sample, { confidence: 0.9, resamples: 400, seed: trial });
    if (low <= Math.exp(0.125) && Math.exp(0.125) <= high) covered++;
  }
  expect(covered / 300).toBeGreaterThan(0.84);
  expect(covered / 300).toBeLessThan(0.95);
});

test('clusters stay together: repeats of one patient narrow nothing', () => {
  const random = new Random(8);
  const patients = Array.from({ length: 25 }, () => random.uniform(0.6, 0.95));
  const repeated = patients.flatMap((value) => [value, value, value, value]);
  const clusters = patients.flatMap((_, i) => [i, i, i, i].map((n) => `patient ${n}`));
  const [single, clustered] = [bootstrapMean(patients), bootstrapMean(repeated, { clusters })];
  expect(clustered.low).toBeCloseTo(single.low, 12);
  expect(clustered.high).toBeCloseTo(single.high, 12);
  expect(bootstrapMean(repeated).standardError).toBeLessThan(0.6 * clustered.standardError);
});

test('a paired difference sees what two overlapping intervals hide', () => {
  const random = new Random(9);
  const first = Array.from({ length: 30 }, () => random.uniform(0.5, 0.95));
  const second = first.map((value) => value - 0.01 + random.normal(0, 0.005));
  const { low, estimate, pValue } = bootstrapDifference(first, second);
  expect(estimate).toBeCloseTo(0.01, 2);
  expect(low).toBeGreaterThan(0);
  expect(pValue).toBeLessThan(0.01);
  expect(bootstrapDifference(first, [...first]).pValue).toBe(1);
});

test('the interval of an AUC drops resamples of one class and says how many were left', () => {
  const scores = [0.1, 0.3, 0.35, 0.8, 0.2];
  const truth = [0, 0, 1, 1, 0];
  const auc = (cases: Int32Array): number => computeRocAuc(takeCases(scores, cases), takeCases(truth, cases));
  const { estimate, low, high, resamples } = bootstrapInterval(5, auc, { resamples: 500 });
  expect(estimate).toBe(1);
  expect([low, high]).toEqual([1, 1]);
  expect(resamples).toBeGreaterThan(350);
  expect(resamples).toBeLessThan(500);
});

test('NaN cases are left out, and nothing but NaN gives NaN', () => {
  const { estimate, low } = bootstrapMean([0.5, Number.NaN, 0.7]);
  expect(estimate).toBeCloseTo(0.6, 12);
  expect(low).toBeGreaterThanOrEqual(0.5);
  for (const perCase of [[Number.NaN, Number.NaN], []]) {
    expect(bootstrapMean(perCase)).toMatchObject({ estimate: Number.NaN, low: Number.NaN, high: Number.NaN });
  }
  expect(bootstrapMean([0.5])).toMatchObject({ estimate: 0.5, low: 0.5, high: 0.5 });
});

test('refuses options that cannot be', () => {
  expect(() => bootstrapMean([1, 2], { confidence: 1 })).toThrow('INVALID_ARGUMENT');
  expect(() => bootstrapMean([1, 2], { resamples: 0 })).toThrow('INVALID_ARGUMENT');
  expect(() => bootstrapMean([1, 2], { clusters: [1] })).toThrow('SHAPE_MISMATCH');
  expect(() => bootstrapDifference([1], [1, 2])).toThrow('SHAPE_MISMATCH');
});
