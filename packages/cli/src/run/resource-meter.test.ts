import { expect, test } from 'vitest';
import { resourceMeter } from './resource-meter.ts';

test('cores are the mean since the reading before, and are not read all the time', () => {
  let now = 0;
  const meter = resourceMeter(() => now);
  expect(meter.read()).toBeUndefined();
  for (let i = 0; i < 300; i++) JSON.stringify(process.versions);
  now = 20_000;
  const { 'resources/cpu_cores': cores = 0, 'resources/memory_gb': memory = 0 } = meter.read() ?? {};
  expect(cores).toBeGreaterThan(0);
  expect(cores).toBeLessThan(1);
  expect(memory).toBeGreaterThan(0.01);
  expect(meter.read()).toBeUndefined();
});
