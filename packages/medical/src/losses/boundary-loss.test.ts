import { ops as $ } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { type BoundaryLossOptions, boundaryLoss } from './boundary-loss.ts';
import { signedDistances } from './distance-maps.ts';

goldenLossTests<BoundaryLossOptions>('boundary-loss', ([prediction], { targetValue, feeds }, options) => {
  feeds['distances'] = signedDistances(targetValue);
  return boundaryLoss(prediction, $.input('distances', targetValue.shape), options);
});

test('distances are 0 where a mask has no border', () => {
  const data = Float32Array.from([0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1]);
  const distances = signedDistances({ shape: [1, 3, 2, 2], dtype: 'float32', data });
  const expected = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1 - Math.SQRT2];
  for (const [i, distance] of expected.entries()) expect(distances.data[i]).toBeCloseTo(distance, 6);
});

test('distances refuse masks without space', () => {
  expect(() => signedDistances({ shape: [1, 4], dtype: 'float32', data: new Float32Array(4) })).toThrow(
    'SHAPE_MISMATCH: masks',
  );
});
