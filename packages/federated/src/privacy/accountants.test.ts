import { expect, test } from 'vitest';
import { goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { lossEpsilon } from './loss-accountant.ts';
import { noiseFor } from './noise-for.ts';
import { renyiEpsilon } from './renyi-accountant.ts';
import type { SampledGaussian } from './sampled-gaussian.ts';

const ACCOUNTANTS = [
  {
    golden: readGolden('privacy/renyi'),
    epsilonOf: (mechanism: SampledGaussian, delta: number) => renyiEpsilon([mechanism], delta).epsilon,
  },
  {
    golden: readGolden('privacy/losses'),
    epsilonOf: (mechanism: SampledGaussian, delta: number) => lossEpsilon([mechanism], delta),
  },
];

for (const { golden, epsilonOf } of ACCOUNTANTS) {
  for (const { name: number, options, expected } of golden.cases) {
    const { rate, noise, steps, delta } = options as Record<string, number>;
    test(`epsilon as ${golden.parity}'s, case ${number}: rate ${rate}, noise ${noise}, ${steps} steps`, () => {
      const mechanism = { sampleRate: rate, noiseMultiplier: noise, steps } as SampledGaussian;
      const answer = goldenValues(expected['epsilon'] as (typeof expected)[string]);
      expect(relativeError([epsilonOf(mechanism, delta as number)], answer)).toBeLessThan(golden.tolerance);
    });
  }
}

const one: SampledGaussian = { sampleRate: 0.02, noiseMultiplier: 1.3, steps: 300 };

test('the distribution of losses is below the bound of Renyi, and rounds of unlike noise add up', () => {
  const rounds = [one, { ...one, noiseMultiplier: 2, steps: 100 }, { ...one, sampleRate: 0.05, steps: 50 }];
  const tight = lossEpsilon(rounds, 1e-5);
  expect(tight).toBeLessThan(renyiEpsilon(rounds, 1e-5).epsilon);
  expect(tight).toBeGreaterThan(lossEpsilon(rounds.slice(0, 2), 1e-5));
  const halves = [one, one].map((half) => ({ ...half, steps: 150 }));
  expect(lossEpsilon(halves, 1e-5)).toBeCloseTo(lossEpsilon([one], 1e-5), 6);
});

test('nothing done spends nothing, and what is no mechanism is refused', () => {
  expect(lossEpsilon([{ ...one, steps: 0 }], 1e-5)).toBe(0);
  expect(renyiEpsilon([{ ...one, sampleRate: 0 }], 1e-5).epsilon).toBe(0);
  expect(() => lossEpsilon([{ ...one, noiseMultiplier: 0 }], 1e-5)).toThrow(/noise multiplier.*got 0/s);
  expect(() => renyiEpsilon([{ ...one, sampleRate: 1.2 }], 1e-5)).toThrow(/sample rate/);
  expect(() => renyiEpsilon([one], 0)).toThrow(/delta/);
});

test('the noise for an epsilon spends it and no more', () => {
  const plan = { sampleRate: 0.05, steps: 200 };
  const noise = noiseFor(4, plan, 1e-5);
  const spent = lossEpsilon([{ ...plan, noiseMultiplier: noise }], 1e-5);
  expect(spent).toBeLessThanOrEqual(4);
  expect(spent).toBeGreaterThan(3.95);
});
