import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import type { SiteUpdate } from '../strategies/strategy.ts';
import { privateMean } from './private-mean.ts';

const LENGTH = 4000;
const CLIP = 0.8;
const updateOf = (site: string, size: number): SiteUpdate => {
  const values = new Random(site).fillNormal(new Float32Array(LENGTH));
  const norm = Math.hypot(...values);
  return { site, examples: 1, change: new Map([['w', values.map((value) => (value * size) / norm)]]) };
};
const silent = (length: number): Float32Array => new Float32Array(length);
const aggregated = (updates: readonly SiteUpdate[], noise = silent, noiseMultiplier = 0): Float32Array =>
  privateMean({ clipNorm: CLIP, noiseMultiplier, expectedSites: 10, noise })
    .aggregate(updates)
    .get('w') as Float32Array;
const normOf = (values: Float32Array): number => Math.hypot(...values);

test('no site moves the sum by more than the norm, however large its change; small changes pass as they are', () => {
  const others = [updateOf('a', 0.1), updateOf('b', 0.5)];
  const without = aggregated(others);
  for (const size of [0.3, 5, 1e6]) {
    const moved = aggregated([...others, updateOf('c', size)]).map((value, i) => value - (without[i] as number));
    expect(10 * normOf(moved)).toBeCloseTo(Math.min(CLIP, size), 4);
  }
  const broken = { site: 'd', examples: 1, change: new Map([['w', new Float32Array(LENGTH).fill(Number.NaN)]]) };
  expect(aggregated([...others, broken])).toEqual(without);
});

test('the noise in the mean is what was promised, measured on the change itself', () => {
  const others = [updateOf('a', 0.1), updateOf('b', 0.5)];
  const still = aggregated(others);
  const random = new Random(3);
  const noisy = aggregated(others, (length) => random.fillNormal(new Float32Array(length)), 1.5);
  const deviation = normOf(noisy.map((value, i) => value - (still[i] as number))) / Math.sqrt(LENGTH);
  expect((10 * deviation) / (1.5 * CLIP)).toBeCloseTo(1, 1);
  expect(() => privateMean({ clipNorm: 0, noiseMultiplier: 1, expectedSites: 3 })).toThrow(/INVALID_ARGUMENT/);
});
