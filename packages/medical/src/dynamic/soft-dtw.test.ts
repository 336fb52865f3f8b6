import { expect, test } from 'vitest';
import { type GoldenCase, goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { dtwBarycentre, softDtwBarycentre } from './barycentre.ts';
import { dtw } from './dtw.ts';
import { softDtw } from './soft-dtw.ts';

const values = (tensors: GoldenCase['inputs'], name: string): Float64Array =>
  goldenValues(tensors[name] as GoldenCase['inputs'][string]) as Float64Array;
const curvesOf = ({ inputs }: GoldenCase): Float64Array[] => Object.keys(inputs).map((name) => values(inputs, name));

const golden = readGolden('dynamic/soft-dtw');
for (const { name, inputs, expected, options } of golden.cases) {
  const [a, b] = [values(inputs, 'a'), values(inputs, 'b')];
  const gamma = options['gamma'] as number;
  test(`value and gradient are tslearn's: ${name}`, () => {
    const { value, gradient } = softDtw(a, b, { gamma });
    expect(relativeError([value], values(expected, 'value'))).toBeLessThan(golden.tolerance);
    expect(relativeError(gradient, values(expected, 'gradient'))).toBeLessThan(golden.tolerance);
  });
}

test.each([{ gamma: 1 }, { gamma: 0.1 }, { gamma: 0.3, band: 3 }])(
  'the gradient is the slope of the value: %o',
  (options) => {
    const a = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i / 2));
    const b = Float64Array.from({ length: 15 }, (_, i) => Math.cos(i / 3) + i / 20);
    const { gradient } = softDtw(a, b, options);
    const slopes = a.map((_, i) => {
      const moved = (by: number) =>
        softDtw(
          a.map((value, at) => (at === i ? value + by : value)),
          b,
          options,
        ).value;
      return (moved(1e-5) - moved(-1e-5)) / 2e-5;
    });
    expect(relativeError(gradient, slopes)).toBeLessThan(1e-7);
  },
);

test('small gammas come to the square of the distance, and nothing overflows', () => {
  const [a, b] = [Float64Array.of(0, 1e4, 3e4, 2e4), Float64Array.of(0, 0, 2e4, 3e4, 1e4)];
  const { value, gradient } = softDtw(a, b, { gamma: 1e-6 });
  expect(value / dtw(a, b) ** 2).toBeCloseTo(1, 12);
  expect(gradient.every(Number.isFinite)).toBe(true);
});

const averaged = readGolden('dynamic/barycentre');
for (const one of averaged.cases) {
  test(`a barycentre is as near to its curves as tslearn's: ${one.name}`, () => {
    const curves = curvesOf(one);
    const centre = dtwBarycentre(curves);
    const total = curves.reduce((sum, curve) => sum + dtw(centre, curve) ** 2, 0);
    expect(total).toBeLessThanOrEqual((values(one.expected, 'total')[0] as number) * (1 + averaged.tolerance));
  });
}

const softened = readGolden('dynamic/soft-barycentre');
for (const one of softened.cases) {
  test(`a soft barycentre is as near to its curves as tslearn's: ${one.name}`, () => {
    const curves = curvesOf(one);
    const gamma = one.options['gamma'] as number;
    const centre = softDtwBarycentre(curves, { gamma, iterations: 400 });
    const total = curves.reduce((sum, curve) => sum + softDtw(centre, curve, { gamma }).value, 0);
    const [theirs] = values(one.expected, 'total') as unknown as [number];
    expect(total).toBeLessThanOrEqual(theirs + softened.tolerance * Math.abs(theirs));
  });
}

test('a barycentre of one curve is the curve, of another length where a start says so', () => {
  const curve = Float64Array.of(0, 1, 5, 2);
  expect([...dtwBarycentre([curve])]).toEqual([...curve]);
  expect(dtwBarycentre([curve], { start: new Float64Array(7) })).toHaveLength(7);
});

test('refuses a gamma of 0, no curves, and curves of different lengths without a start', () => {
  const curve = Float64Array.of(1, 2, 3);
  expect(() => softDtw(curve, curve, { gamma: 0 })).toThrow('INVALID_ARGUMENT');
  expect(() => dtwBarycentre([])).toThrow('INVALID_ARGUMENT');
  expect(() => dtwBarycentre([curve, Float64Array.of(1)])).toThrow('SHAPE_MISMATCH');
});
