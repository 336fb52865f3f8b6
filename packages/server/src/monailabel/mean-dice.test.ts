import { expect, test } from 'vitest';
import { meanDice } from './mean-dice.ts';

test('mean Dice over the classes that stand in either', () => {
  expect(meanDice(Uint8Array.of(1, 1, 2, 0), Uint8Array.of(1, 0, 2, 0))).toBeCloseTo((2 / 3 + 1) / 2, 12);
  expect(meanDice(Uint8Array.of(0, 1), Uint8Array.of(2, 0))).toBe(0);
  expect(meanDice(new Uint8Array(3), new Uint8Array(3))).toBe(1);
});
