import { expect, test } from 'vitest';
import { modalitySubsets, randomMask } from './modality-masks.ts';

test('lists every set of four modalities once, but not the empty one, and the whole last', () => {
  const subsets = modalitySubsets(4);
  expect(new Set(subsets.map((subset) => subset.join(''))).size).toBe(15);
  expect(subsets.slice(0, 4).map((subset) => subset.join(''))).toEqual(['1000', '0100', '0010', '0001']);
  expect(subsets.at(-1)).toEqual([1, 1, 1, 1]);
});

test('hides modalities by seed and step alone, every set equally often and never all of them', () => {
  expect(randomMask(3, 7, [2, 4])).toEqual(randomMask(3, 7, [2, 4]));
  const counts = new Map<string, number>();
  for (let step = 1; step <= 3000; step++) {
    const subset = randomMask(1, step, [1, 4]).join('');
    counts.set(subset, (counts.get(subset) ?? 0) + 1);
  }
  expect(counts.size).toBe(15);
  expect(counts.has('0000')).toBe(false);
  for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(70);
});
