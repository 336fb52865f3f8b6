import type { Triple } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabelHistory, type Run } from './label-history.ts';

const SIZE: Triple = [70, 60, 5];
const VOXELS = 70 * 60 * 5;
const voxel = fc.integer({ min: 0, max: VOXELS - 1 });
const each = (voxels: readonly number[]): Run[] => voxels.map((i) => [i, i + 1]);
const fresh = (mostBytes?: number) => new LabelHistory(new Uint8Array(VOXELS), SIZE, mostBytes);

test('what is taken back is as it was, and what is done again as it was after; voxels are counted on the way', () => {
  const steps = fc.array(fc.record({ voxels: fc.array(voxel), value: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const history = fresh();
      const seen = [Uint8Array.from(history.mask)];
      for (const { voxels, value } of all) {
        history.paint(each(voxels), value);
        if (history.end()) seen.push(Uint8Array.from(history.mask));
      }
      const isLike = (mask: Uint8Array) => {
        expect(Buffer.compare(history.mask, mask)).toBe(0);
        for (const value of [0, 1, 2, 3])
          expect(history.voxelsOf(value)).toBe(mask.filter((one) => one === value).length);
      };
      for (const mask of seen.slice(0, -1).toReversed()) {
        history.undo();
        isLike(mask);
      }
      expect(history.canUndo).toBe(false);
      for (const mask of seen.slice(1)) {
        history.redo();
        isLike(mask);
      }
    }),
    { numRuns: 30 },
  );
});

test('another label map comes in as one step, of noise too', () => {
  const history = fresh();
  history.paint(each([1, 2, 3]), 7);
  history.end();
  const noise = Uint8Array.from({ length: VOXELS }, (_, i) => ((i * 7919) % 11) % 5);
  expect(history.propose(noise)).toEqual({ from: [0, 0, 0], to: [69, 59, 4] });
  expect(history.mask).toEqual(noise);
  history.undo();
  expect(history.voxelsOf(7)).toBe(3);
  history.redo();
  expect(history.mask).toEqual(noise);
});

test('what is locked stays, and nothing joins it; a map that replaces all does not ask', () => {
  const history = fresh();
  history.paint(each([1, 2, 3]), 7);
  history.end();
  history.lock([7]);
  expect(history.paint([[0, 5]], 1)).toEqual({ from: [0, 0, 0], to: [4, 0, 0] });
  expect(history.paint(each([10]), 7)).toBeUndefined();
  expect([...history.mask.subarray(0, 5)]).toEqual([1, 7, 7, 7, 1]);
  history.propose(new Uint8Array(VOXELS).fill(2));
  expect(history.voxelsOf(7)).toBe(3);
  history.replace(new Uint8Array(VOXELS).fill(2));
  expect(history.voxelsOf(7)).toBe(0);
  history.undo();
  expect(history.voxelsOf(7)).toBe(3);
});

test('a region is what a label becomes in its box, also over the edge of the map', () => {
  const history = fresh();
  history.paint(each([0, 1, 2]), 1);
  history.paint(each([70]), 2);
  history.shape({ from: [-1, 0, 0], size: [3, 2, 1], bits: Uint8Array.from([1, 0, 1, 1, 1, 0]) }, 1);
  expect([...history.mask.subarray(0, 3), history.mask[70]]).toEqual([0, 1, 1, 1]);
});

test('what goes with a step is taken back with it', () => {
  const history = fresh();
  const heard: string[] = [];
  history.paint(each([1]), 1);
  history.end({ undo: () => heard.push('undo'), redo: () => heard.push('redo') });
  history.undo();
  history.redo();
  expect(heard).toEqual(['undo', 'redo']);
});

test('the oldest steps are forgotten when all together grow too large', () => {
  const history = fresh(2000);
  for (let k = 0; k < 20; k++) {
    history.paint(each([k]), 1);
    history.end();
  }
  let steps = 0;
  while (history.undo()) steps++;
  expect(steps).toBeGreaterThan(2);
  expect(steps).toBeLessThan(10);
});
