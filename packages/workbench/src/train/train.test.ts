import type { TrainingAnswer } from '@vesalius/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, smoothed, tagsOf } from './curves.ts';
import { differingSettings } from './differing-settings.ts';
import { lastLines } from './log-lines.ts';

const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`;

test('a smoothed curve begins with its first value, stays between the extremes, and without weight is the curve', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 0.99, noNaN: true }), (curve, weight) => {
      const found = smoothed(curve, weight);
      expect(found[0]).toBeCloseTo(curve[0] ?? 0, 3);
      for (const value of found) {
        expect(value).toBeGreaterThanOrEqual(Math.min(...curve) - 1e-3);
        expect(value).toBeLessThanOrEqual(Math.max(...curve) + 1e-3);
      }
      expect(smoothed(curve, 0).every((value, i) => value === curve[i])).toBe(true);
    }),
  );
});

test('curves of several runs share their places; gaps and values that are no numbers are null', () => {
  const one = {
    tag: 'loss',
    points: [
      { step: 1, at: at(0), value: 3 },
      { step: 5, at: at(2), value: Number.NaN },
    ],
  };
  const two = { tag: 'loss', points: [{ step: 2, at: at(4), value: 7 }] };
  expect(joined([one, two], 'step', 0)).toEqual([
    [1, 2, 5],
    [3, null, null],
    [null, 7, null],
  ]);
  expect(joined([one, two], 'time', 0)).toEqual([
    [0, 2],
    [3, null],
    [7, null],
  ]);
  expect(joined([], 'step', 0)).toEqual([[]]);
});

test('validation and loss come first', () => {
  const run = ['train/gradient_norm', 'train/dice', 'train/loss', 'validation/dice'].map((tag) => ({
    tag,
    points: [],
  }));
  expect(tagsOf([run, run])).toEqual(['validation/dice', 'train/loss', 'train/dice', 'train/gradient_norm']);
});

test('settings are told only where trainings differ', () => {
  const request = {
    name: 'a',
    project: 'default',
    recipe: 'plan',
    interactive: false,
    labels: 'approved',
    seed: 0,
  } as const;
  const training = (more: Partial<TrainingAnswer>): TrainingAnswer => ({
    ...{ id: 'x', name: 'a', project: 'default', state: 'succeeded', request, progress: 1, cases: 4 },
    ...{ startedBy: 'me', createdAt: at(0) },
    ...more,
  });
  expect(differingSettings([training({}), training({})])).toEqual([]);
  const other = training({ cases: 8, request: { ...request, steps: 20, series: ['1', '2'] } });
  expect(differingSettings([training({}), other])).toEqual([
    { setting: 'cases', values: ['4', '8'] },
    { setting: 'steps', values: ['–', '20'] },
    { setting: 'series', values: ['–', '2'] },
  ]);
});

test('the end of a log is told line by line, a cut line as it stands', () => {
  const log = '{"time":"2026-11-22T16:39:23.402Z","event":"step","step":1,"loss":1.758375644683838}\n{"ti';
  expect(lastLines(log, 5)).toEqual([
    { at: '16:39:23', event: 'step', text: 'step 1  loss 1.758' },
    { at: '', event: '', text: '{"ti' },
  ]);
  expect(lastLines(log, 1)).toHaveLength(1);
});
