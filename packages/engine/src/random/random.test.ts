import { expect, test } from 'vitest';
import { Random } from './random.ts';

test('draws the numbers of the published xoshiro128** algorithm', () => {
  const random = Random.restore({ key: [0, 0, 0, 0], words: [1, 2, 3, 4] });
  const mask = 0xffffffffn;
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask;
  let [a, b, c, d] = [1n, 2n, 3n, 4n];
  for (let i = 0; i < 1000; i++) {
    expect(random.uint32()).toBe(Number((rotl((b * 5n) & mask, 7n) * 9n) & mask));
    const t = (b << 9n) & mask;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11n);
  }
});

test('goes on from a saved state, through JSON', () => {
  const random = new Random('seed');
  for (let i = 0; i < 5; i++) random.normal();
  const again = Random.restore(JSON.parse(JSON.stringify(random.state)));
  expect(Array.from({ length: 20 }, () => again.uniform())).toEqual(Array.from({ length: 20 }, () => random.uniform()));
  expect(again.fork('x').uint32()).toBe(random.fork('x').uint32());
});

test('a fork does not depend on what was drawn before, but on every key on its way', () => {
  const a = new Random(1);
  const before = a.fork('case').uint32();
  a.uniform();
  expect(a.fork('case').uint32()).toBe(before);
  const firsts = [
    new Random(1),
    new Random(2),
    a.fork('ab'),
    a.fork('a').fork('b'),
    a.fork('b').fork('a'),
    a.fork(''),
    a.fork('').fork(''),
  ].map((r) => r.uint32());
  expect(new Set(firsts).size).toBe(firsts.length);
});

test('uniform numbers and integers are evenly spread, also over neighbouring seeds', () => {
  const counts = new Array<number>(64).fill(0);
  const across = new Array<number>(64).fill(0);
  const random = new Random(7);
  const draws = 64_000;
  for (let i = 0; i < draws; i++) {
    const bin = Math.floor(random.uniform() * 64);
    counts[bin] = (counts[bin] as number) + 1;
    const other = new Random(i).integer(64);
    across[other] = (across[other] as number) + 1;
  }
  const chiSquare = (bins: number[]): number => bins.reduce((sum, n) => sum + (n - draws / 64) ** 2 / (draws / 64), 0);
  // 63 degrees of freedom: mean 63, standard deviation 11.2.
  expect(chiSquare(counts)).toBeLessThan(63 + 4 * 11.2);
  expect(chiSquare(across)).toBeLessThan(63 + 4 * 11.2);
});

test('normal numbers have the moments of the normal distribution', () => {
  const random = new Random(3);
  const n = 100_000;
  const values = Array.from({ length: n }, () => random.normal(2, 3));
  const mean = values.reduce((a, b) => a + b) / n;
  const moment = (power: number): number => values.reduce((sum, v) => sum + ((v - mean) / 3) ** power, 0) / n;
  expect(Math.abs(mean - 2)).toBeLessThan(0.04);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
  expect(Math.abs(moment(3))).toBeLessThan(0.04);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.12);
});

test('shuffle gives every order equally often and keeps the items', () => {
  const random = new Random(11);
  const seen = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const order = random.shuffle([1, 2, 3]).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  for (const count of seen.values()) expect(Math.abs(count - 2000)).toBeLessThan(4 * 41);
  expect([...random.shuffle(new Uint8Array([5, 6, 7, 8]))].sort()).toEqual([5, 6, 7, 8]);
});

test('refuses bounds and states that cannot be', () => {
  const random = new Random(0);
  for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 33])
    expect(() => random.integer(bound)).toThrow('INVALID_ARGUMENT');
  expect(() => Random.restore({ key: [0, 0, 0, 0], words: [0, 0, 0, 0] })).toThrow('INVALID_ARGUMENT');
  expect(() => Random.restore({ key: [0], words: [1, 2, 3, 4] })).toThrow('INVALID_ARGUMENT');
});

test('fills arrays with normal numbers of the asked mean and spread', () => {
  const values = new Random(4).fillNormal(new Float32Array(50_000), 5, 2);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean - 5)).toBeLessThan(0.04);
  expect(Math.abs(variance - 4)).toBeLessThan(0.1);
});

test('gives these numbers for ever, on every runtime', () => {
  const random = new Random('vesalius').fork('case').fork(7);
  expect([random.uint32(), random.uniform(), random.normal(), random.integer(1000)]).toEqual([
    2807856504, 0.19844175042775858, -0.14636579707902986, 401,
  ]);
});
