import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Layout } from '../layer-values.ts';
import { fedAvg } from './fed-avg.ts';
import { fedBn } from './fed-bn.ts';
import { fedBuff } from './fed-buff.ts';
import { fedOpt } from './fed-opt.ts';
import { personalHead } from './personal-head.ts';
import { coordinateMedian, krum, trimmedMean } from './robust.ts';
import { ScaffoldCommon, ScaffoldSite } from './scaffold.ts';
import type { SiteUpdate } from './strategy.ts';

const of = (site: string, values: readonly number[], examples = 1): SiteUpdate => ({
  site,
  examples,
  change: new Map([['w', Float32Array.from(values)]]),
});
const w = (result: ReadonlyMap<string, Float32Array>): number[] => Array.from(result.get('w') ?? []);

test('the mean is weighted by examples, and what is old weighs less', () => {
  const updates = [of('a', [1, 2], 1), of('b', [4, 8], 3)];
  expect(w(fedAvg().aggregate(updates))).toEqual([3.25, 6.5]);
  const [a, b] = updates as [SiteUpdate, SiteUpdate];
  expect(w(fedBuff().aggregate([a, { ...b, staleness: 8 }]))).toEqual([2.5, 5]);
});

test('no updates, unlike layers and weights of nothing are refused', () => {
  expect(() => fedAvg().aggregate([])).toThrow(/updates of a round/);
  expect(() => fedAvg().aggregate([of('a', [1]), of('b', [1, 2])])).toThrow(/w of b/);
  expect(() => fedAvg().aggregate([of('a', [1], 0)])).toThrow(/weights/);
  expect(() => trimmedMean(0.5)).toThrow(/share/);
});

test.each([
  ['model.norm1.weight', false],
  ['encoder.bn2.running_mean', false],
  ['stem/InstanceNorm/scale', false],
  ['model.conv.weight', true],
  ['enormous.weight', true],
])('FedBN: %s is common: %s', (layer, shared) => {
  expect(fedBn().isShared(layer)).toBe(shared);
});

test('a personal head stays at its site', () => {
  const strategy = personalHead((layer) => layer.startsWith('head.'));
  expect(['head.weight', 'body.weight'].map(strategy.isShared)).toEqual([false, true]);
});

test('FedAdam and FedYogi move by the formulas of the paper', () => {
  for (const second of ['adam', 'yogi'] as const) {
    const strategy = fedOpt({ second, learningRate: 0.1, tau: 0.01 });
    let [m, v] = [0, 0.01 ** 2];
    for (const change of [0.3, -0.2, 0.05]) {
      m = 0.9 * m + 0.1 * change;
      v = second === 'adam' ? 0.99 * v + 0.01 * change ** 2 : v - 0.01 * change ** 2 * Math.sign(v - change ** 2);
      const [moved] = w(strategy.aggregate([of('a', [change])]));
      expect(moved).toBeCloseTo((0.1 * m) / (Math.sqrt(v) + 0.01), 5);
    }
  }
});

const hostile = [
  ['values that are no numbers', [Number.NaN, Number.NaN]],
  ['huge values', [1e30, -1e30]],
  ['turned signs', [-100, -200]],
] as const;
const honest = [1, 1.1, 0.9, 1.05, 0.95].map((by, i) => of(`h${i}`, [by, 2 * by]));

test('of five sites one that sends no numbers is dropped, and Krum needs no more for it', () => {
  const four = honest.slice(0, 4);
  const [x = 0] = w(krum(1).aggregate([...four, of('hostile', [Number.NaN, 1])]));
  expect(x).toBeCloseTo(1, 1);
  expect(() => krum(1).aggregate(four)).toThrow(/5 or more/);
});

test.each(hostile)('median, trimmed mean and Krum bear a site that sends %s', (_, values) => {
  for (const strategy of [coordinateMedian(), trimmedMean(0.2), krum(1)]) {
    const [x = 0, y = 0] = w(strategy.aggregate([...honest, of('hostile', values)]));
    expect(x).toBeGreaterThan(0.85);
    expect(x).toBeLessThan(1.15);
    expect(y).toBeGreaterThan(1.8);
    expect(y).toBeLessThan(2.2);
  }
});

test('the order of sites changes no robust answer, and the median lies between the extremes', () => {
  const rows = fc.array(fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 3, maxLength: 3 }), {
    minLength: 5,
    maxLength: 9,
  });
  fc.assert(
    fc.property(rows, (values) => {
      const updates = values.map((row, i) => of(`${i}`, row));
      for (const strategy of [coordinateMedian(), trimmedMean(0.25)]) {
        const found = w(strategy.aggregate(updates));
        const turned = w(strategy.aggregate(updates.toReversed()));
        for (const [i, value] of found.entries()) {
          expect(turned[i]).toBeCloseTo(value, 4);
          const column = values.map((row) => row[i] as number);
          expect(value).toBeGreaterThanOrEqual(Math.min(...column) - 1e-4);
          expect(value).toBeLessThanOrEqual(Math.max(...column) + 1e-4);
        }
      }
    }),
  );
});

test('SCAFFOLD finds the common minimum of unlike sites, where averaging many local steps does not', () => {
  // Sites minimize a (x - b)^2 / 2 each: the common minimum is the mean of b weighted by a.
  const sites = [
    { a: 10, b: 0 },
    { a: 1, b: 1 },
  ];
  const target = 1 / 11;
  const layout: Layout = [{ name: 'w', shape: [1] }];
  const [steps, learningRate] = [20, 0.05];
  const run = (corrected: boolean): number => {
    const own = sites.map(() => new ScaffoldSite(layout));
    const common = new ScaffoldCommon(layout, sites.length);
    let x = 0.8;
    for (let round = 0; round < 60; round++) {
      const answers = sites.map(({ a, b }, n) => {
        const site = own[n] as ScaffoldSite;
        const by = corrected ? (w(site.correction(common.variate))[0] as number) : 0;
        let local = x;
        for (let step = 0; step < steps; step++) local -= learningRate * (a * (local - b) + by);
        const change = of('', [local - x]).change;
        return { change, variate: site.finish(common.variate, change, { steps, learningRate }) };
      });
      common.add(answers.map(({ variate }) => variate));
      x += answers.reduce((sum, { change }) => sum + (w(change)[0] as number), 0) / sites.length;
    }
    return x;
  };
  expect(Math.abs(run(true) - target)).toBeLessThan(1e-3);
  expect(Math.abs(run(false) - target)).toBeGreaterThan(0.05);
});
