import { expect, test } from 'vitest';
import { median } from './alternate.ts';

test('the median of an even number of values lies between the two in the middle', () => {
  expect(median([9, 1, 4])).toBe(4);
  expect(median([10, 2, 4, 3])).toBe(3.5);
});
