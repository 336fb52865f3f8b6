import { expect, test } from 'vitest';
import { voteEntropy } from './vote-entropy.ts';

test('no entropy where all say the same, one where all classes are said as often', () => {
  const maps = [Uint8Array.of(0, 1, 0, 2), Uint8Array.of(0, 1, 1, 1), Uint8Array.of(0, 1, 2, 0)];
  const [same, sameToo, all, allToo] = voteEntropy(maps, 3);
  expect([same, sameToo]).toEqual([0, 0]);
  expect(all).toBeCloseTo(1, 6);
  expect(allToo).toBeCloseTo(1, 6);
  const [half] = voteEntropy([Uint8Array.of(0), Uint8Array.of(1)], 3);
  expect(half).toBeCloseTo(Math.log(2) / Math.log(3), 6);
});
