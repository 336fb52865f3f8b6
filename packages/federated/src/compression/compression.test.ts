import { Random } from '@vesalius/engine';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Layout } from '../layer-values.ts';
import { largestMagnitudes, randomPlaces } from './choose-indices.ts';
import { type CompressionPlan, planCodes } from './plan-codes.ts';
import { dequantize, type QuantizedBits, quantize, quantizedBytes } from './quantize.ts';
import { readIndices, writeIndices } from './sorted-indices.ts';
import { decompressUpdate, UpdateCompressor } from './update-compressor.ts';

const layout: Layout = [
  { name: 'conv', shape: [32, 16, 3, 3] },
  { name: 'bias', shape: [32] },
  { name: 'dense', shape: [64, 128] },
];
const DENSE_BYTES = 4 * (32 * 16 * 9 + 32 + 64 * 128);
const update = (seed: number) =>
  new Map(
    layout.map(({ name, shape }) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, new Random(seed).fork(name).fillNormal(values, 0, 0.01)];
    }),
  );
const plans: readonly (CompressionPlan & { readonly atMost: number })[] = [
  { method: 'float32', atMost: 1.001 },
  { method: '8-bit', atMost: 0.26 },
  { method: '4-bit', atMost: 0.14 },
  { method: 'ternary', atMost: 0.06 },
  { method: 'largest', share: 0.05, atMost: 0.055 },
  { method: 'random', share: 0.05, atMost: 0.055 },
  { method: 'low-rank', share: 0.05, atMost: 0.06 },
];

test('ascending places come back, in hardly more bits than they hold', () => {
  const places = fc.uniqueArray(fc.nat(4999), { maxLength: 800 }).map((all) => all.sort((a, b) => a - b));
  fc.assert(
    fc.property(places, (indices) => {
      const bytes = writeIndices(indices, 5000);
      expect(Array.from(readIndices(bytes, indices.length, 5000).indices)).toEqual(indices);
    }),
  );
  const drawn = randomPlaces('places', 1000, 100_000);
  const entropy = (100_000 * (-0.01 * Math.log2(0.01) - 0.99 * Math.log2(0.99))) / 8;
  expect(writeIndices(drawn, 100_000).length / entropy).toBeLessThan(1.04);
  expect(() => readIndices(new Uint8Array([255, 255]), 3, 10)).toThrow(/PEER_PROTOCOL/);
});

test.each([8, 4, 'ternary'] as QuantizedBits[])('rounding to %s keeps the mean and the size', (bits) => {
  const values = new Random(3).fillNormal(new Float32Array(1500));
  const sum = new Float64Array(1500);
  for (let n = 0; n < 400; n++) {
    const bytes = quantize(values, bits, new Random(n));
    expect(bytes.length).toBe(quantizedBytes(1500, bits));
    for (const [i, value] of dequantize(bytes, 1500, bits).entries()) sum[i] = (sum[i] as number) + value / 400;
  }
  const levels = bits === 'ternary' ? 1 : bits === 4 ? 7 : 127;
  const worst = Math.max(...values.map((value, i) => Math.abs(value - (sum[i] as number))));
  // Five deviations of a mean of 400 roundings by at most a step of 4 / levels.
  expect(worst).toBeLessThan((5 * 0.5 * 4) / levels / 20);
});

test('the largest are the largest, and places drawn by one seed are the same', () => {
  const values = new Random(1).fillNormal(new Float32Array(300));
  const chosen = largestMagnitudes(values, 20);
  const sorted = Float32Array.from(values, Math.abs).sort();
  expect(Math.min(...Array.from(chosen, (i) => Math.abs(values[i] as number)))).toBe(sorted[280]);
  expect(largestMagnitudes(new Float32Array(5), 2)).toEqual(Uint32Array.of(0, 1));
  expect(randomPlaces('a', 7, 50)).toEqual(randomPlaces('a', 7, 50));
  expect(randomPlaces('a', 7, 50)).not.toEqual(randomPlaces('b', 7, 50));
  expect(new Set(randomPlaces('c', 50, 50)).size).toBe(50);
});

test.each(plans)('$method takes its share of bytes, and what it leaves out comes later', ({ atMost, ...plan }) => {
  const compressor = new UpdateCompressor({ layout, plan });
  const change = update(5);
  const received = new Float64Array(64 * 128);
  const rounds = 120;
  for (let round = 0; round < rounds; round++) {
    const bytes = compressor.compress(change, `round ${round}`);
    expect(bytes.length / DENSE_BYTES).toBeLessThan(atMost);
    const dense = decompressUpdate(bytes, { layout, plan }, `round ${round}`).get('dense') as Float32Array;
    for (const [i, value] of dense.entries()) received[i] = (received[i] as number) + value / rounds;
  }
  const sent = change.get('dense') as Float32Array;
  const error = Math.hypot(...sent.map((value, i) => value - (received[i] as number))) / Math.hypot(...sent);
  expect(error).toBeLessThan(plan.method === 'ternary' ? 0.25 : 0.2);
});

test('bytes of a stranger are refused', () => {
  const plan: CompressionPlan = { method: 'largest', share: 0.1 };
  const bytes = new UpdateCompressor({ layout, plan }).compress(update(1), 'one');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), (length) => {
      expect(() => decompressUpdate(bytes.slice(0, length), { layout, plan }, 'one')).toThrow(/PEER_PROTOCOL/);
    }),
    { numRuns: 30 },
  );
  expect(() => new UpdateCompressor({ layout, plan }).compress(new Map(), 'one')).toThrow(/DATA_MISMATCH.*conv/s);
  expect(() => planCodes(layout, { method: 'largest', share: 0 })).toThrow(/share/);
});

test.each(plans)(
  'a compressor that goes on from the memory of another sends the same ($method)',
  ({ method, share }) => {
    const options = { layout, plan: { method, ...(share !== undefined && { share }) }, momentum: 0.9 };
    const first = new UpdateCompressor(options);
    first.compress(update(1), 'round 1');
    const second = new UpdateCompressor(options);
    second.restore(first.memory());
    expect(second.compress(update(2), 'round 2')).toEqual(first.compress(update(2), 'round 2'));
  },
);

test.each(plans)('an update is opened the same from a Buffer anywhere in its memory ($method)', ({ method, share }) => {
  const plan = { method, ...(share !== undefined && { share }) };
  const bytes = new UpdateCompressor({ layout, plan }).compress(update(1), 'round');
  const inside = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
  expect(decompressUpdate(inside, { layout, plan }, 'round')).toEqual(
    decompressUpdate(bytes, { layout, plan }, 'round'),
  );
});
