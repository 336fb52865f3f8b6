import { expect, test } from 'vitest';
import { fedBuff } from '../strategies/fed-buff.ts';
import type { LocalSite } from './local-site.ts';
import { type BufferedOptions, type BufferedRecord, simulateBuffered } from './simulate-buffered.ts';

/** Minimizes the squared distance to its own target. */
const siteAt = (name: string, target: number): LocalSite => ({
  name,
  examples: 10,
  train: async ({ weights, steps, learningRate }) => {
    const model = new Map([...weights].map(([layer, values]) => [layer, values.slice()]));
    for (let n = 0; n < steps; n++)
      for (const values of model.values())
        for (const [i, value] of values.entries()) values[i] = value - learningRate * (value - target);
    return model;
  },
});
const base: BufferedOptions = {
  sites: [siteAt('a', 1), siteAt('b', 3), siteAt('c', 5)],
  strategy: fedBuff(),
  layout: [{ name: 'w', shape: [4] }],
  weights: new Map([['w', new Float32Array(4)]]),
  rounds: 200,
  buffer: 2,
  localSteps: 3,
  learningRate: 0.02,
  seed: 1,
};

async function all(options: BufferedOptions): Promise<BufferedRecord[]> {
  const records: BufferedRecord[] = [];
  for await (const record of simulateBuffered(options)) records.push({ ...record, common: new Map(record.common) });
  return records;
}

test('sites of like speed meet in the middle', async () => {
  const records = await all(base);
  expect(records).toHaveLength(200);
  expect(records.at(-1)?.common.get('w')?.[0]).toBeCloseTo(3, 0);
  expect(records.every(({ sites }) => sites.length === 2)).toBe(true);
});

test('a slow site holds up nobody, and its changes are older', async () => {
  const slow = await all({ ...base, durationOf: (site) => (site === 'c' ? 20 : 1) });
  // Two quick sites fill the buffer once a unit of time.
  expect(slow.at(-1)?.time).toBeLessThan(205);
  const stale = slow.flatMap(({ sites, staleness }) => staleness.filter((_, n) => sites[n] === 'c'));
  expect(stale.length).toBeGreaterThan(5);
  expect(Math.min(...stale)).toBeGreaterThan(15);
});

test('no sites or no buffer are refused', async () => {
  await expect(all({ ...base, sites: [] })).rejects.toThrow(/INVALID_ARGUMENT/);
  await expect(all({ ...base, buffer: 0 })).rejects.toThrow(/buffer of 0/);
});
