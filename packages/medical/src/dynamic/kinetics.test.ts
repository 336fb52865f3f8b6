import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GoldenCase, goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { measuredInput, parkerBlood, parkerInput } from './arterial-input.ts';
import { gradientEchoSignal, toConcentration } from './spoiled-gradient-echo.ts';
import { createT1Fit } from './t1-mapping.ts';
import { createTissueResponse } from './tissue-response.ts';
import { createToftsFit, toftsCurve } from './tofts-fit.ts';

const values = (tensors: GoldenCase['inputs'], name: string): Float64Array =>
  goldenValues(tensors[name] as GoldenCase['inputs'][string]) as Float64Array;

for (const [fit, golden] of [
  ['linear', readGolden('dynamic/t1-linear')],
  ['nonlinear', readGolden('dynamic/t1-nonlinear')],
] as const) {
  for (const { name, inputs, expected, options } of golden.cases) {
    test(`T1 of flip angles is dcmri's: ${fit}, ${name}`, () => {
      const { anglesDegrees, repetitionSeconds } = options as { anglesDegrees: number[]; repetitionSeconds: number };
      const t1 = createT1Fit({ anglesDegrees, repetitionSeconds, fit });
      const signals = values(inputs, 'signals');
      const theirs = values(expected, 't1Seconds');
      const ours = theirs.map((_, i) => t1(signals.subarray(4 * i, 4 * i + 4)).t1Seconds);
      expect(relativeError(ours, theirs)).toBeLessThan(golden.tolerance);
    });
  }
}

const concentrations = readGolden('dynamic/concentration');
for (const { name, inputs, expected, options } of concentrations.cases) {
  test(`the concentration is dcmri's: ${name}`, () => {
    const signal = values(inputs, 'signal');
    const out = new Float64Array(signal.length);
    toConcentration(signal, out, options as unknown as Parameters<typeof toConcentration>[2]);
    expect(relativeError(out, values(expected, 'concentration'))).toBeLessThan(concentrations.tolerance);
  });
}

test('signal, T1 and magnetization are one: what made the signals comes back', () => {
  const repetitionSeconds = 0.004;
  const anglesDegrees = [2, 8, 15];
  const t1 = createT1Fit({ repetitionSeconds, anglesDegrees });
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 4, noNaN: true }), fc.double({ min: 1, max: 1e4, noNaN: true }), (t, m0) => {
      const signals = anglesDegrees.map((angle) =>
        gradientEchoSignal(m0, t, { repetitionSeconds, flipAngleDegrees: angle }),
      );
      expect(t1(signals).t1Seconds / t).toBeCloseTo(1, 5);
      expect(t1(signals).m0 / m0).toBeCloseTo(1, 5);
    }),
  );
});

test('no T1 explains signals that fall to nothing or rise without end', () => {
  const t1 = createT1Fit({ repetitionSeconds: 0.004, anglesDegrees: [2, 10], fit: 'linear' });
  expect(t1([0, 0]).t1Seconds).toBeNaN();
  expect(t1([1, 100]).t1Seconds).toBeNaN();
  expect(() => createT1Fit({ repetitionSeconds: 0.004, anglesDegrees: [5, 5] })).toThrow('INVALID_ARGUMENT');
});

test("the population's input is dcmri's", () => {
  const golden = readGolden('dynamic/parker');
  for (const { inputs, expected } of golden.cases)
    expect(relativeError(values(inputs, 'times').map(parkerBlood), values(expected, 'blood'))).toBeLessThan(
      golden.tolerance,
    );
});

const tissue = readGolden('dynamic/tofts');
for (const { name, inputs, expected, options } of tissue.cases) {
  test(`a tissue curve is dcmri's: ${name}`, () => {
    const seconds = values(inputs, 'times');
    const input = { name: 'measured', seconds, plasma: values(inputs, 'plasma') };
    const parameters = options as { ktransPerMinute: number; kepPerMinute: number; vp: number };
    const curve = toftsCurve({ input, seconds }, { ...parameters, delaySeconds: 0 });
    expect(relativeError(curve, values(expected, 'tissue'))).toBeLessThan(tissue.tolerance);
  });
}

const input = parkerInput(300);
const seconds = Float64Array.from({ length: 70 }, (_, i) => 4.2 * i);

test('what the response says of its slopes is how it moves with rate and time', () => {
  const at = (rate: number, delay: number) => {
    const response = createTissueResponse(input, seconds);
    response.respond(rate, delay);
    return response;
  };
  for (const rate of [1e-5, 0.01, 0.3]) {
    const { moment, retained, plasma } = at(rate, 31.3);
    const byRate = retained.map(
      (_, i) => ((at(rate + 1e-7, 31.3).retained[i] as number) - (at(rate - 1e-7, 31.3).retained[i] as number)) / 2e-7,
    );
    expect(
      relativeError(
        moment,
        byRate.map((slope) => -slope),
      ),
    ).toBeLessThan(1e-5);
    const byDelay = retained.map(
      (_, i) => ((at(rate, 31.3001).retained[i] as number) - (at(rate, 31.2999).retained[i] as number)) / 2e-4,
    );
    expect(
      relativeError(
        plasma.map((height, i) => height - rate * (retained[i] as number)),
        byDelay.map((slope) => -slope),
      ),
    ).toBeLessThan(1e-5);
  }
});

test('what made a tissue curve comes back, delay included', () => {
  const fit = createToftsFit({ input, seconds });
  const share = (max: number) => fc.double({ min: 0.05, max, noNaN: true });
  fc.assert(
    fc.property(
      share(0.8),
      share(0.5),
      fc.double({ min: 0, max: 0.1, noNaN: true }),
      fc.double({ min: 25, max: 55, noNaN: true }),
      (ktransPerMinute, ve, vp, delaySeconds) => {
        const kepPerMinute = ktransPerMinute / ve;
        const curve = toftsCurve({ input, seconds }, { ktransPerMinute, kepPerMinute, vp, delaySeconds });
        const found = fit(curve, { from: 20, to: 60 });
        expect(found.residual).toBeLessThan(1e-3);
        const known = fit(curve, { from: delaySeconds, to: delaySeconds });
        expect(known.ktransPerMinute / ktransPerMinute).toBeCloseTo(1, 3);
        expect(known.ve / ve).toBeCloseTo(1, 3);
        expect(known.vp).toBeCloseTo(vp, 3);
      },
    ),
    { numRuns: 60 },
  );
});

test("without plasma the model is Tofts' own", () => {
  const fit = createToftsFit({ input, seconds, model: 'tofts' });
  const curve = toftsCurve({ input, seconds }, { ktransPerMinute: 0.3, kepPerMinute: 1, vp: 0, delaySeconds: 40 });
  const found = fit(curve, { from: 30, to: 50 });
  expect(found.vp).toBe(0);
  expect(found.ktransPerMinute).toBeCloseTo(0.3, 4);
  expect(found.delaySeconds).toBeCloseTo(40, 2);
});

test('refuses inputs, curves and echoes that cannot be', () => {
  expect(() => measuredInput([0, 1, 1], [0, 1, 1])).toThrow('INVALID_ARGUMENT');
  expect(() => measuredInput([0, 1], [0, Number.NaN])).toThrow('NOT_FINITE');
  expect(() => measuredInput([0, 1], [0])).toThrow('SHAPE_MISMATCH');
  const fit = createToftsFit({ input, seconds });
  expect(() => fit(new Float64Array(3), { from: 0, to: 1 })).toThrow('SHAPE_MISMATCH');
  expect(() => fit(new Float64Array(70).fill(Number.NaN), { from: 0, to: 1 })).toThrow('NOT_FINITE');
  expect(() => gradientEchoSignal(1, 1, { repetitionSeconds: -1, flipAngleDegrees: 12 })).toThrow('INVALID_ARGUMENT');
});
