import { expect, test } from 'vitest';
import type { CompressionPlan } from '../compression/plan-codes.ts';
import type { Layout } from '../layer-values.ts';
import { cryptographicNormal } from '../privacy/cryptographic-normal.ts';
import { PrivacyLedger } from '../privacy/privacy-ledger.ts';
import { fedAvg } from '../strategies/fed-avg.ts';
import { fedBn } from '../strategies/fed-bn.ts';
import type { LocalSite } from './local-site.ts';
import { type FederationOptions, simulateFederation } from './simulate-federation.ts';

const layout: Layout = [
  { name: 'w', shape: [20, 40] },
  { name: 'norm.bias', shape: [4] },
];
const first = new Map([
  ['w', new Float32Array(800)],
  ['norm.bias', new Float32Array(4)],
]);

/** Minimizes the squared distance to its own target. */
const siteAt = (name: string, target: number): LocalSite => ({
  name,
  examples: 10,
  train: async ({ weights, steps, learningRate, correction }) => {
    const model = new Map([...weights].map(([layer, values]) => [layer, values.slice()]));
    for (let n = 0; n < steps; n++)
      for (const [layer, values] of model)
        for (const [i, value] of values.entries())
          values[i] = value - learningRate * (value - target * Math.sin(i + 1) + (correction?.get(layer)?.[i] ?? 0));
    return model;
  },
});
const sites = [siteAt('a', 1), siteAt('b', 3), siteAt('c', 5)];
const base: FederationOptions = {
  sites,
  strategy: fedAvg(),
  layout,
  weights: first,
  rounds: 40,
  localSteps: 5,
  learningRate: 0.1,
  seed: 1,
};

async function last(options: FederationOptions) {
  let [bytes, record] = [0, undefined as Awaited<ReturnType<ReturnType<typeof simulateFederation>['next']>>['value']];
  for await (const one of simulateFederation(options)) {
    bytes += one.bytesUp + one.bytesDown;
    record = one;
  }
  return { bytes, record };
}

const errorOf = (values: Float32Array | undefined, target: number): number =>
  Math.max(...(values ?? []).map((value, i) => Math.abs(value - target * Math.sin(i + 1))));

test('sites that want different things meet in the middle, and every byte is counted', async () => {
  const { bytes, record } = await last(base);
  expect(errorOf(record?.common.get('w'), 3)).toBeLessThan(1e-3);
  const dense = 4 * 804;
  // Up in each of 40 rounds, with 4 bytes a layer that say how long it is; down the model, which is no more than a change of it.
  expect(bytes).toBe(3 * (40 * (dense + 8) + dense + 39 * dense));
});

test.each([
  { method: '8-bit' },
  { method: 'largest', share: 0.1 },
  { method: 'random', share: 0.1 },
  { method: 'low-rank', share: 0.2 },
] as CompressionPlan[])('$method both ways ends where dense updates end', async (plan) => {
  const slow = { ...base, rounds: 300, learningRate: 0.01 };
  const [small, dense] = await Promise.all([last({ ...slow, up: plan, down: plan }), last(slow)]);
  expect(errorOf(small.record?.common.get('w'), 3)).toBeLessThan(0.2);
  expect(small.bytes).toBeLessThan(0.35 * dense.bytes);
});

test('FedBN leaves every site its own normalization', async () => {
  const { record } = await last({ ...base, strategy: fedBn() });
  expect(errorOf(record?.modelOf('a').get('norm.bias'), 1)).toBeLessThan(1e-3);
  expect(errorOf(record?.modelOf('c').get('norm.bias'), 5)).toBeLessThan(1e-3);
  expect(errorOf(record?.modelOf('c').get('w'), 3)).toBeLessThan(1e-3);
});

test('some sites a round, with SCAFFOLD, end in the middle too; the same seed gives the same', async () => {
  const options = { ...base, rounds: 120, sitesPerRound: 2, scaffold: true };
  const [one, other] = await Promise.all([last(options), last(options)]);
  expect(errorOf(one.record?.common.get('w'), 3)).toBeLessThan(0.3);
  expect(one.record?.common).toEqual(other.record?.common);
});

test('a ledger refuses what passes its budget, also after a restart', () => {
  const step = { noiseMultiplier: 2, sampleRate: 0.05, steps: 100 };
  const ledger = new PrivacyLedger({ budget: { epsilon: 2, delta: 1e-5 }, spent: [] });
  ledger.spend(step);
  const again = new PrivacyLedger(JSON.parse(JSON.stringify(ledger.state)));
  expect(again.epsilon).toBeCloseTo(ledger.epsilon, 9);
  expect(again.allows({ ...step, steps: 5000 })).toBe(false);
  expect(() => again.spend({ ...step, steps: 5000 })).toThrow(/PEER_REFUSED.*at most 2/s);
  again.spend(step);
  expect(again.state.spent).toEqual([{ ...step, steps: 200 }]);
});

test('the noise is standard normal', () => {
  const drawn = cryptographicNormal(100_001);
  const moment = (power: number): number => drawn.reduce((sum, value) => sum + value ** power, 0) / drawn.length;
  expect(Math.abs(moment(1))).toBeLessThan(0.02);
  expect(moment(2)).toBeCloseTo(1, 1);
  expect(moment(4)).toBeCloseTo(3, 0);
  expect(new Set(drawn).size).toBeGreaterThan(99_000);
});
