import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GoldenCase, goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { createDtw, dtw, dtwPath, dtwSlopes } from './dtw.ts';

const values = (tensors: GoldenCase['inputs'], name: string): Float64Array =>
  goldenValues(tensors[name] as GoldenCase['inputs'][string]) as Float64Array;

const distances = readGolden('dynamic/dtw');
for (const { name, inputs, expected, options } of distances.cases) {
  test(`the distance is tslearn's: ${name}`, () => {
    const [a, b] = [values(inputs, 'a'), values(inputs, 'b')];
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const [distance] = [dtw(one, other, options)];
      expect(relativeError([distance], values(expected, 'distance'))).toBeLessThan(distances.tolerance);
      expect(dtwPath(one, other, options).distance).toBeCloseTo(distance, 12);
    }
  });
}

const paths = readGolden('dynamic/dtw-path');
for (const { name, inputs, expected, options } of paths.cases) {
  test(`the path is tslearn's: ${name}`, () => {
    const { first, second } = dtwPath(values(inputs, 'a'), values(inputs, 'b'), options);
    const pairs = goldenValues(expected['path'] as GoldenCase['inputs'][string]);
    expect([...first].flatMap((at, i) => [at, second[i]])).toEqual([...pairs]);
  });
}

const curve = (length: number) =>
  fc
    .array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: length, maxLength: length })
    .map(Float64Array.from.bind(Float64Array) as (values: number[]) => Float64Array);
const pair = fc.integer({ min: 1, max: 20 }).chain((n) => fc.tuple(curve(n), curve(n)));

test('is 0 to itself, the same both ways, and never less with a narrower band', () => {
  fc.assert(
    fc.property(pair, fc.nat(6), ([a, b], band) => {
      expect(dtw(a, a, { band })).toBe(0);
      expect(dtw(a, b, { band })).toBeCloseTo(dtw(b, a, { band }), 10);
      expect(dtw(a, b, { band })).toBeGreaterThanOrEqual(dtw(a, b, { band: band + 1 }) - 1e-12);
      expect(dtw(a, b, { band: 20 })).toBeCloseTo(dtw(a, b), 12);
      expect(dtw(a, b, { band: 0 })).toBeCloseTo(Math.hypot(...a.map((value, i) => value - (b[i] as number))), 10);
    }),
  );
});

test('a path goes from the first pair to the last in steps of at most one, and costs the distance', () => {
  fc.assert(
    fc.property(pair, fc.double({ min: 0, max: 3, noNaN: true }), ([a, b], stepPenalty) => {
      const { first, second, distance } = dtwPath(a, b, { stepPenalty });
      let cost = 0;
      for (const [i, at] of first.entries()) {
        cost += ((a[at] as number) - (b[second[i] as number] as number)) ** 2;
        if (i === 0) continue;
        const steps = [at - (first[i - 1] as number), (second[i] as number) - (second[i - 1] as number)];
        expect([[0, 1], [1, 0], [1, 1]]).toContainEqual(steps); // biome-ignore format: pairs read best on one line
        cost += steps.includes(0) ? stepPenalty : 0;
      }
      expect([first[0], second[0], first.at(-1), second.at(-1)]).toEqual([0, 0, a.length - 1, b.length - 1]);
      expect(distance ** 2).toBeCloseTo(cost, 8);
    }),
  );
});

test('a great penalty keeps time straight', () => {
  const [a, b] = [Float64Array.of(0, 0, 0, 1, 2), Float64Array.of(0, 1, 2, 2, 2)];
  expect(dtwPath(a, b).distance).toBe(0);
  expect([...dtwPath(a, b, { stepPenalty: 100 }).second]).toEqual([0, 1, 2, 3, 4]);
});

test('one set of memory serves pairs of every length up to the longest', () => {
  const distance = createDtw({ longest: 12, band: 2 });
  const [a, b] = [Float64Array.of(1, 2, 3, 4, 9, 9, 2, 1, 0, 0, 0, 7), Float64Array.of(3, 1, 4)];
  expect(distance(a, a)).toBe(0);
  expect(distance(b, a)).toBe(dtw(b, a, { band: 2 }));
  expect(distance(b, b)).toBe(0);
});

test('slopes are those of a line, whatever its height', () => {
  expect([...dtwSlopes(Float64Array.of(5, 7, 9, 11))]).toEqual([2, 2, 2, 2]);
});

test('refuses empty curves, negative bands, longer curves than promised and slopes of two samples', () => {
  const two = Float64Array.of(1, 2);
  expect(() => dtw(new Float64Array(0), two)).toThrow('INVALID_ARGUMENT');
  expect(() => dtwPath(two, two, { band: -1 })).toThrow('INVALID_ARGUMENT');
  expect(() => createDtw({ longest: 1 })(two, two)).toThrow('SHAPE_MISMATCH');
  expect(() => dtwSlopes(two)).toThrow('SHAPE_MISMATCH');
});
