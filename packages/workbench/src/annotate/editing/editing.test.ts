import { affineFromSpacing, type Triple } from '@vesalius/volume';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { between, brushVoxels } from './brush.ts';
import { growRegion } from './grow-region.ts';
import { LabelHistory } from './label-history.ts';

const SIZE: Triple = [7, 6, 5];
const grid = { size: SIZE, voxelToLps: affineFromSpacing([1, 1, 2]) };
const voxel = fc.integer({ min: 0, max: 7 * 6 * 5 - 1 });

test('what is taken back is as it was, and what is done again as it was after', () => {
  const steps = fc.array(fc.record({ voxels: fc.array(voxel), value: fc.integer({ min: 0, max: 3 }) }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(steps, (all) => {
      const history = new LabelHistory(new Uint8Array(7 * 6 * 5), SIZE);
      const seen = [Uint8Array.from(history.mask)];
      for (const { voxels, value } of all) {
        history.set(voxels, value);
        if (history.end()) seen.push(Uint8Array.from(history.mask));
      }
      for (const mask of seen.slice(0, -1).toReversed()) {
        history.undo();
        expect(history.mask).toEqual(mask);
      }
      expect(history.canUndo).toBe(false);
      for (const mask of seen.slice(1)) {
        history.redo();
        expect(history.mask).toEqual(mask);
      }
    }),
  );
});

test('a brush covers the voxels within its millimetres, in its slice or as a ball', () => {
  const centre: Triple = [3, 3, 2];
  expect([...brushVoxels(grid, { centre, radiusMm: 1 })]).toHaveLength(5);
  expect([...brushVoxels(grid, { centre, radiusMm: 2 })]).toHaveLength(15);
  expect([...brushVoxels(grid, { centre, radiusMm: 2, axis: 2 })]).toHaveLength(13);
  expect([...brushVoxels(grid, { centre, radiusMm: 0 })]).toEqual([3 + 7 * (3 + 6 * 2)]);
  expect([...brushVoxels(grid, { centre: [-9, 0, 0], radiusMm: 1 })]).toEqual([]);
});

test('a stroke has no gaps', () => {
  const places = [...between([0, 0, 0], [6, 0, 0], 0.5)];
  expect(places.at(-1)).toEqual([6, 0, 0]);
  expect(places).toHaveLength(12);
});

test('a region grows over faces, as far as values are alike, and not for ever', () => {
  const values = new Int16Array(7 * 6 * 5).map((_, i) => (i % 7 < 3 ? 100 : 0));
  const grown = (more: object) => growRegion(values, SIZE, { seed: [0, 0, 0], tolerance: 10, most: 1000, ...more });
  expect(grown({})).toHaveLength(3 * 6 * 5);
  expect(grown({ axis: 2 })).toHaveLength(3 * 6);
  expect(grown({ most: 10 }).length).toBeLessThan(16);
  expect(grown({ seed: [9, 0, 0] })).toEqual([]);
});
