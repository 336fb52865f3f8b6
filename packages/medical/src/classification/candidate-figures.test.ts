import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { candidateFigures, federatedFigures, sensitivityAtFalsePositives } from './candidate-figures.ts';

test('sensitivity at so many false positives per 100 candidates, counted by hand', () => {
  // 20 candidates: one false positive is 5 per 100.
  const scores = Array.from({ length: 20 }, (_, i) => 20 - i);
  const truth = scores.map((_, i) => ([0, 2, 3, 7].includes(i) ? 1 : 0));
  expect(sensitivityAtFalsePositives(scores, truth, 4)).toBe(0.25);
  expect(sensitivityAtFalsePositives(scores, truth, 5)).toBe(0.75);
  expect(sensitivityAtFalsePositives(scores, truth, 20)).toBe(1);
  // Of equal scores all pass or none.
  expect(sensitivityAtFalsePositives([1, 1, 1, 0], [1, 0, 0, 0], 8)).toBe(0);
});

test('intervals hold the figure; a site that the model fails shows beside the pooled figure', () => {
  const random = new Random(2);
  const siteOf = (count: number, shift: number) => {
    const truth = Array.from({ length: count }, (_, i) => (i % 4 === 0 ? 1 : 0));
    return { scores: truth.map((label) => random.normal() + shift * label), truth };
  };
  const { perSite, pooled } = federatedFigures(
    new Map([
      ['good', siteOf(160, 3)],
      ['poor', siteOf(60, 0)],
    ]),
  );
  const [good, poor] = ['good', 'poor'].map((name) => perSite.get(name)?.auc);
  expect(good?.estimate).toBeGreaterThan(0.95);
  expect(poor?.high).toBeLessThan(good?.low ?? 0);
  for (const { low, estimate, high } of [pooled.auc, pooled.averagePrecision, ...pooled.sensitivities]) {
    expect(low).toBeLessThanOrEqual(estimate);
    expect(high).toBeGreaterThanOrEqual(estimate);
  }
});

test('resampling exams together widens what neighbours would narrow', () => {
  const random = new Random(4);
  const clusters = Array.from({ length: 120 }, (_, i) => Math.floor(i / 12));
  const own = clusters.map((_, i) => (i % 12 === 0 ? random.normal() : 0));
  const truth = clusters.map((_, i) => i % 2);
  const scores = clusters.map((cluster, i) => (own[12 * cluster] ?? 0) * (1 - 2 * (truth[i] ?? 0)) + (truth[i] ?? 0));
  const width = ({ low, high }: { low: number; high: number }): number => high - low;
  const [together, apart] = [candidateFigures({ scores, truth, clusters }), candidateFigures({ scores, truth })];
  expect(width(together.auc)).toBeGreaterThan(width(apart.auc));
});
