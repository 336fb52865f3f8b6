import { ops as $, compile, type DType, type TensorData } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { diceLoss } from './dice-loss.ts';

const logits = $.input('x', [2, 3, 4, 4]);

test.each([
  [
    'a target of another size',
    [2, 1, 4, 5],
    { toOnehotY: true },
    'SHAPE_MISMATCH: class numbers of the target, got [2, 1, 4, 5], expected [2, 1, 4, 4]',
  ],
  [
    'class numbers without toOnehotY',
    [2, 1, 4, 4],
    {},
    'SHAPE_MISMATCH: target of the loss (class numbers in one channel need toOnehotY), got [2, 1, 4, 4]',
  ],
  ['sigmoid and softmax at once', [2, 3, 4, 4], { sigmoid: true, softmax: true }, 'INVALID_ARGUMENT: loss options'],
  [
    'weights for another number of classes',
    [2, 3, 4, 4],
    { weight: [1, 2] },
    'SHAPE_MISMATCH: class weights of the loss, got 2, expected 3, one a class',
  ],
])('refuses %s', (_, shape, options, message) => {
  expect(() => diceLoss(logits, $.input('t', shape), options)).toThrow(message);
});

test('refuses softmax and a missing background for one channel', () => {
  const single = $.input('x', [2, 1, 4, 4]);
  expect(() => diceLoss(single, single, { softmax: true })).toThrow('INVALID_ARGUMENT: softmax over channels');
  expect(() => diceLoss(single, single, { includeBackground: false })).toThrow(
    'INVALID_ARGUMENT: includeBackground false',
  );
});

test('takes class numbers of every element type', async () => {
  const types: [DType, TensorData][] = [
    ['uint8', Uint8Array.of(0, 1, 2, 1)],
    ['int32', Int32Array.of(0, 1, 2, 1)],
    ['int64', BigInt64Array.of(0n, 1n, 2n, 1n)],
    ['float32', Float32Array.of(0, 1, 2, 1)],
  ];
  const x = {
    shape: [1, 3, 2, 2],
    dtype: 'float32',
    data: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
  } as const;
  const values = new Set<number>();
  for (const [dtype, data] of types) {
    const loss = diceLoss($.input('x', x.shape), $.input('t', [1, 1, 2, 2], dtype), { softmax: true, toOnehotY: true });
    const program = await compile({ outputs: { loss }, states: {} }, { threads: 1 });
    const { loss: value } = await program.run({ x, t: { shape: [1, 1, 2, 2], dtype, data } });
    values.add(Number(value?.data[0]));
    await program.close();
  }
  expect(values.size).toBe(1);
});
