import { withLargestOnly } from '@vesalius/bundle';
import type { TrainingPlan } from '@vesalius/medical';
import { createVolume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import { diceOfLargest, tryLargestOnly } from './largest-component-rule.ts';

const classes = ['background', 'left', 'right'].map((name, value) => ({ name, value: value * 10 }));
const plan = { classes, keepLargestCandidates: { value: [10, 20], why: '' } } as unknown as TrainingPlan;
const row = (...voxels: number[]) => createVolume({ voxels: Uint8Array.from(voxels), size: [voxels.length, 1, 1] });

test('drops all but the largest component of the values asked for', () => {
  const labels = row(10, 0, 10, 10, 0, 20, 20, 0, 20);
  expect([...withLargestOnly(labels, [10]).voxels]).toEqual([0, 0, 10, 10, 0, 20, 20, 0, 20]);
  expect(withLargestOnly(labels, [])).toBe(labels);
});

test('measures each class with and without its islands', () => {
  const prediction = row(10, 0, 10, 10, 0, 20, 20, 0, 20);
  const truth = row(0, 0, 10, 10, 0, 20, 20, 0, 20);
  expect(diceOfLargest({ prediction, truth }, plan)).toEqual([1, 0.8]);
});

test('applies the rule to the classes whose mean Dice it raises, and to no other', () => {
  const cases = [
    { dice: [0.8, 0.9], diceOfLargest: [0.9, 0.8] },
    { dice: [0.8, 0.7], diceOfLargest: [0.79, 0.8] },
    { dice: [Number.NaN, 0.7], diceOfLargest: [Number.NaN, 0.7] },
  ];
  expect(tryLargestOnly(cases, plan)).toMatchObject([
    { value: 10, applied: true },
    { value: 20, applied: false },
  ]);
  expect(tryLargestOnly(cases, { ...plan, keepLargestCandidates: { value: [20], why: '' } })).toHaveLength(1);
});

test('leaves classes alone that no case lets it judge', () => {
  const none = [Number.NaN, Number.NaN];
  expect(tryLargestOnly([{ dice: none, diceOfLargest: none }], plan)).toEqual([]);
});
