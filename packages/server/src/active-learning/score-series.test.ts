import { createVolume, type Volume } from '@vesalius/volume';
import { expect, test } from 'vitest';
import type { Prediction } from '../models/model-registry.ts';
import { epistemicScore, mirroredScore } from './score-series.ts';

const SIZE = [4, 3, 2] as const;
const scan = createVolume({ voxels: Int16Array.from({ length: 24 }, (_, i) => i), size: SIZE });

/** What a model says of each voxel, by its place and its value. */
function saying(
  label: (x: number, value: number) => number,
  entropy: (x: number) => number = () => 0,
): (request: { channels: readonly Volume[] }) => Promise<Prediction> {
  return async ({ channels: [image = scan] }) => {
    const of = <V>(each: (x: number, value: number) => V) =>
      Array.from(image.voxels as ArrayLike<number>, (v, i) => each(i % 4, Number(v)));
    return {
      labels: createVolume({ voxels: Uint8Array.from(of(label)), size: SIZE }),
      uncertainty: createVolume({ voxels: Float32Array.from(of(entropy)), size: SIZE }),
      timesMs: { open: 0, prepare: 0, infer: 0, invert: 0 },
    };
  };
}

test('a model that is sure has nothing to learn', async () => {
  expect(
    await epistemicScore(
      saying((x) => Number(x < 2)),
      scan,
    ),
  ).toBe(0);
  expect(
    await epistemicScore(
      saying(() => 0),
      scan,
    ),
  ).toBe(0);
});

test('background of which the model is sure does not count', async () => {
  const predict = saying(
    (x) => Number(x === 0),
    (x) => (x < 2 ? 0.5 : 0.01),
  );
  expect(await epistemicScore(predict, scan)).toBeCloseTo(0.5, 6);
});

test('a model that goes by brightness says the same of the mirror image', async () => {
  expect(
    await mirroredScore(
      saying((_, value) => Number(value % 5 === 0)),
      scan,
    ),
  ).toBe(0);
});

test('a model that goes by place contradicts itself where the picture is mirrored', async () => {
  // The left half in three of four predictions, the right half in one: half of the pairs differ on every voxel.
  expect(
    await mirroredScore(
      saying((x) => Number(x < 2)),
      scan,
    ),
  ).toBeCloseTo(0.5, 6);
});
