import { expect, test } from 'vitest';
import type { Measurement } from './measurement.ts';
import { showMeasured } from './show-measured.ts';
import { takeMeasure } from './take-measure.ts';

const scene = {
  toMm: ([x, y, z]: readonly [number, number, number]) => [2 * x, 2 * y, 3 * z] as const,
  valueAt: ([x]: readonly [number, number, number]) => x,
};

function measured(kind: Measurement['kind'], points: Measurement['points']) {
  return takeMeasure({ id: 1, kind, axis: 2, slice: 0, points }, scene);
}

test('a length is in millimetres, of the voxels as they lie', () => {
  expect(
    measured('length', [
      [0, 0, 0],
      [3, 4, 0],
    ]).length,
  ).toBeCloseTo(10);
});

test('without the size of a pixel it is in pixels', () => {
  const found = takeMeasure(
    {
      id: 1,
      kind: 'length',
      axis: 2,
      slice: 0,
      points: [
        [0, 0, 0],
        [3, 4, 0],
      ],
    },
    { valueAt: () => 0 },
  );
  expect(showMeasured(found)).toBe('5.0 px');
});

test('an angle is that at the second of its points', () => {
  expect(
    measured('angle', [
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ]).degrees,
  ).toBeCloseTo(90);
});

test('an ellipse has an area, and the mean and deviation of what lies inside', () => {
  const { area, mean, deviation } = measured('ellipse', [
    [0, 0, 0],
    [10, 10, 0],
  ]);
  expect(area).toBeCloseTo(Math.PI * 100);
  expect(mean).toBeCloseTo(5);
  expect(deviation).toBeGreaterThan(2);
});
