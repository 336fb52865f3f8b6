import { expect, test } from 'vitest';
import { goalProblems, meetsGoal, readGoals, thresholdText } from './goals.ts';

const goal = {
  id: 'Z1',
  title: 'Speed',
  text: 'Speed.',
  thresholds: [
    { metric: 'ratio', atMost: 1, aim: 0.8 },
    { metric: 'dice', atLeast: 0.88 },
    { metric: 'hourDice', aim: 0.9 },
  ],
};

test('the goals file is sound', () => {
  expect(goalProblems(readGoals())).toEqual([]);
});

test('a goal is met where every bound holds, and an aim never fails it', () => {
  expect(meetsGoal(goal, { ratio: 1, dice: 0.88 }, { partial: false })).toBe(true);
  expect(meetsGoal(goal, { ratio: 1.01, dice: 0.9 }, { partial: false })).toBe(false);
  expect(meetsGoal(goal, { ratio: Number.NaN, dice: 0.9 }, { partial: false })).toBe(false);
});

test('a missing number fails a full run, and a quick run must have one bound at least', () => {
  expect(meetsGoal(goal, { ratio: 1 }, { partial: false })).toBe(false);
  expect(meetsGoal(goal, { ratio: 1 }, { partial: true })).toBe(true);
  expect(meetsGoal(goal, { hourDice: 1 }, { partial: true })).toBe(false);
});

test('names repeated ids and thresholds without a number', () => {
  expect(goalProblems([goal, { ...goal, thresholds: [{ metric: 'ratio' }] }])).toEqual([
    'Z1 stands twice in goals.json',
    'Z1: ratio has no number',
  ]);
});

test('writes thresholds as they are read aloud', () => {
  expect(goal.thresholds.map(thresholdText)).toEqual(['ratio <= 1, aim 0.8', 'dice >= 0.88', 'hourDice aim 0.9']);
});
