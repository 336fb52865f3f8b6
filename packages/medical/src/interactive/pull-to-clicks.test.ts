import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pullToClicks } from './pull-to-clicks.ts';

const CLASSES = 3;
const SIZE = [4, 3, 2] as const;
const VOXELS = 24;
const click = fc.record({
  voxel: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 1 })),
  classNumber: fc.integer({ min: 0, max: CLASSES - 1 }),
});

test('every clicked voxel gets the class of its last click, whatever the network was sure of', () => {
  const sureOf = fc.array(fc.integer({ min: 0, max: CLASSES - 1 }), { minLength: VOXELS, maxLength: VOXELS });
  fc.assert(
    fc.property(sureOf, fc.array(click, { minLength: 1, maxLength: 8 }), (sure, clicks) => {
      const probabilities = new Float32Array(CLASSES * VOXELS);
      for (const [i, k] of sure.entries()) probabilities[k * VOXELS + i] = 1;
      pullToClicks(probabilities, clicks, { size: SIZE, spacingMm: [1, 1, 1], sigmaMm: 2 });
      const wanted = new Map(clicks.map(({ voxel: [x, y, z], classNumber }) => [x + 4 * (y + 3 * z), classNumber]));
      for (const [index, k] of wanted) {
        const values = Array.from({ length: CLASSES }, (_, c) => probabilities[c * VOXELS + index] as number);
        expect(values.indexOf(Math.max(...values))).toBe(k);
      }
    }),
  );
});

test('changes nothing far from the clicks', () => {
  const probabilities = new Float32Array(20);
  pullToClicks(probabilities, [{ voxel: [0, 0, 0], classNumber: 1 }], {
    size: [10, 1, 1],
    spacingMm: [1, 1, 1],
    sigmaMm: 1,
  });
  expect([...probabilities].filter((value) => value > 0)).toHaveLength(4);
});
