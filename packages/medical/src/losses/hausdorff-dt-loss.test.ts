import { ops as $, range, type TensorValue } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenLossTests } from '../../../../golden/losses/golden-loss-tests.ts';
import { hausdorffDistances } from './distance-maps.ts';
import { type HausdorffDTLossOptions, hausdorffDTLoss } from './hausdorff-dt-loss.ts';

function masksOf({ shape, data, dtype }: TensorValue, classes: number): TensorValue {
  if (shape[1] === classes) return { shape, data, dtype };
  const [batch, , ...space] = shape as [number, number, ...number[]];
  const count = data.length / batch;
  const masks = range(batch).flatMap((b) =>
    range(classes).flatMap((c) => range(count).map((i) => (data[b * count + i] === c ? 1 : 0))),
  );
  return { shape: [batch, classes, ...space], dtype, data: Float32Array.from(masks) };
}

goldenLossTests<Omit<HausdorffDTLossOptions, 'distances'> & { alpha?: number }>(
  'hausdorff-dt-loss',
  ([prediction], { target, targetValue, predictionValues, feeds }, options) => {
    const { alpha, ...rest } = options;
    const masks = masksOf(targetValue, prediction.shape[1]);
    feeds['distances'] = hausdorffDistances(predictionValues[0], masks, alpha);
    return hausdorffDTLoss(prediction, target, { ...rest, distances: $.input('distances', prediction.shape) });
  },
);

test('distances refuse a target of another shape', () => {
  const value = (shape: readonly number[]): TensorValue => ({ shape, dtype: 'float32', data: new Float32Array(4) });
  expect(() => hausdorffDistances(value([1, 1, 2, 2]), value([1, 1, 1, 4]))).toThrow(
    'SHAPE_MISMATCH: masks of the target',
  );
});
