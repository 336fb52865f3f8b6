import { createVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { alignCurve, alignCurves } from './align-curves.ts';
import { alignFrames } from './align-frames.ts';
import { arrivalOf } from './arrival-time.ts';
import { curveType } from './curve-type.ts';
import { dynamicSeries } from './dynamic-series.ts';

const seconds = Float64Array.from({ length: 70 }, (_, i) => 4.2 * i);
/** Contrast that comes at a time, rises within half a minute and then goes on by a slope a second. */
const course = (arrival: number, { slope = 0, height = 1, foot = 1, early = 15 } = {}): Float64Array =>
  seconds.map((time) => {
    const after = Math.max(0, time - arrival);
    return foot + height * (1 - Math.exp(-after / early)) * (1 + slope * after);
  });
const noisy = (curve: Float64Array, level: number): Float64Array =>
  curve.map((value, i) => value + level * Math.sin(12.9898 * i * i + 78.233 * i));

test('finds when contrast arrives, between samples, whatever the height and the washout', () => {
  for (const arrival of [21, 45.3, 60.9]) {
    for (const slope of [0, -0.002, 0.002]) {
      for (const height of [1, 300])
        expect(arrivalOf(course(arrival, { slope, height, foot: 100 }), seconds).seconds).toBeCloseTo(arrival, -0.8);
      expect(Math.abs(arrivalOf(noisy(course(arrival, { slope }), 0.05), seconds).seconds - arrival)).toBeLessThan(4.2);
    }
  }
});

test('a flat curve is not clear, a rising one is', () => {
  expect(
    arrivalOf(
      noisy(
        seconds.map(() => 5),
        1,
      ),
      seconds,
    ).clearness,
  ).toBeLessThan(5);
  expect(arrivalOf(noisy(course(50), 0.02), seconds).clearness).toBeGreaterThan(10);
});

test('curves go on rising, stay, wash out, or have no contrast', () => {
  const typeOf = (signal: Float64Array) => curveType(signal, seconds, { arrivalSeconds: 42, baseline: 10 });
  expect([0.003, 0, -0.002].map((slope) => typeOf(course(42, { slope })))).toEqual([1, 2, 3]);
  expect(typeOf(course(42, { height: 0.1 }))).toBe(0);
  expect(typeOf(course(42, { slope: -0.002, foot: 0.5, height: 0.5 }))).toBe(3);
});

test('a delayed curve comes back to the clock of the other, heights kept', () => {
  const reference = course(40, { slope: -0.001 });
  for (const delay of [-15, 0, 3.1, 21]) {
    const curve = course(40 + delay, { slope: -0.001, height: 250, foot: 80 });
    const aligned = alignCurve(curve, reference, { seconds });
    expect(Math.abs(aligned.delaySeconds - delay)).toBeLessThan(1);
    expect(Math.max(...aligned.curve)).toBeLessThanOrEqual(Math.max(...curve));
    expect(Math.min(...aligned.curve)).toBeGreaterThanOrEqual(Math.min(...curve));
  }
});

test('a bent clock is found, never runs back, and never makes a height', () => {
  const reference = course(40, { slope: -0.002 });
  const clock = seconds.map((time) => time + 12 + 8 * Math.sin(time / 60));
  const curve = clock.map((_, i) => {
    const time = seconds[i] as number;
    const at = clock.findIndex((later) => later > time);
    const own = at <= 0 ? time - 12 : (seconds[at] as number) - ((clock[at] as number) - time);
    const after = Math.max(0, own - 40);
    return 1 + (1 - Math.exp(-after / 15)) * (1 - 0.002 * after);
  });
  const { times, curve: aligned } = alignCurve(curve, reference, { seconds, map: 'monotone', stiffness: 0.001 });
  expect(times.every((time, i) => i === 0 || time >= (times[i - 1] as number))).toBe(true);
  expect(Math.max(...aligned)).toBeLessThanOrEqual(Math.max(...curve));
  const error = (other: Float64Array) =>
    reference.reduce((sum, value, i) => sum + (value - (other[i] as number)) ** 2, 0);
  expect(error(aligned)).toBeLessThan(0.1 * error(curve));
});

test('many curves come to one clock', () => {
  const delays = [0, 4, 9, 13, 20];
  const curves = delays.map((delay, i) => noisy(course(30 + delay, { height: 1 + i, foot: 3 }), 0.03));
  const { aligned } = alignCurves(curves, { seconds });
  const offsets = aligned.map(({ delaySeconds }, i) => delaySeconds - (delays[i] as number));
  expect(Math.max(...offsets) - Math.min(...offsets)).toBeLessThan(2.1);
});

test('frames that moved come back, while contrast that came stays', () => {
  const size = [20, 18, 8] as const;
  const motions = [0, 0.6, -1.2, 0.3, 1, -0.7].map((by, t) => [by, -by / 2, t === 2 ? 0.4 : 0] as const);
  const voxels = new Float32Array(20 * 18 * 8 * motions.length);
  let i = 0;
  for (const [t, [dx, dy, dz]] of motions.entries())
    for (let z = 0; z < 8; z++)
      for (let y = 0; y < 18; y++)
        for (let x = 0; x < 20; x++) {
          const [u, v, w] = [x - dx - 9, y - dy - 8, z - dz - 3.5];
          const bump = 100 * Math.exp(-(u * u + v * v) / 30 - (w * w) / 8);
          const lesion = 5 * t * Math.exp(-((u - 3) ** 2 + v * v + w * w) / 6);
          voxels[i++] = 50 + (1 + 0.02 * t) * bump + lesion;
        }
  const series = dynamicSeries(createVolume({ voxels, size, timePoints: motions.length, timeStepSeconds: 2 }));
  const found = alignFrames(series).motions;
  for (const [t, motion] of motions.entries())
    for (const axis of [0, 1, 2] as const) {
      const relative = (found[t]?.[axis] as number) - (found[0]?.[axis] as number);
      expect(Math.abs(relative - (motion[axis] as number))).toBeLessThan(0.3);
    }
});

test('refuses times that do not fit, and series without times', () => {
  const volume = createVolume({ voxels: new Float32Array(8 * 6), size: [2, 2, 2], timePoints: 6 });
  expect(() => dynamicSeries(volume)).toThrow('INVALID_ARGUMENT');
  expect(() => dynamicSeries(volume, [1, 2])).toThrow('SHAPE_MISMATCH');
  expect(() => dynamicSeries(volume, [0, 1, 2, 3, 4, 4])).toThrow('INVALID_ARGUMENT');
  expect([...dynamicSeries(volume, [5, 6, 7, 8, 9, 11]).seconds]).toEqual([0, 1, 2, 3, 4, 6]);
  expect(() => arrivalOf(new Float64Array(3), seconds)).toThrow('SHAPE_MISMATCH');
  expect(() => alignCurve(new Float64Array(3), new Float64Array(70), { seconds })).toThrow('SHAPE_MISMATCH');
});
