import {
  ops as $,
  adam,
  compile,
  createNetworkBuilder,
  initialValues,
  scalarValue,
  type Tensor,
  trainingProgram,
} from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { deepSupervisionLoss } from '../losses/deep-supervision-loss.ts';
import { diceCELoss } from '../losses/dice-ce-loss.ts';
import { type DynUNetOptions, dynUnet } from './dyn-unet.ts';

goldenNetworkTests<DynUNetOptions>('dyn-unet', dynUnet);

const options: DynUNetOptions = { outChannels: 2, kernelSize: [3, 3, 3], strides: [1, 2, 2], filters: [4, 6, 8] };
const build = (shape: readonly number[], changes: Partial<DynUNetOptions> = {}) =>
  dynUnet(createNetworkBuilder().scope, $.input('x', shape), { ...options, ...changes });

test('says which sizes it takes when the input cannot be divided', () => {
  expect(() => build([1, 1, 8, 18])).toThrow(
    'SHAPE_MISMATCH: dynUnet: spatial size of the input, got [8, 18], expected multiples of [4, 4]',
  );
});

test('refuses more supervised levels than there are', () => {
  expect(() => build([1, 1, 8, 8], { deepSupervision: true, deepSuprNum: 2 })).toThrow(
    'INVALID_ARGUMENT: dynUnet: deepSuprNum, got 2, expected 1 to 1',
  );
});

test('refuses lists of different lengths', () => {
  expect(() => build([1, 1, 8, 8], { kernelSize: [3, 3] })).toThrow('INVALID_ARGUMENT: dynUnet: kernelSize');
  expect(() => build([1, 1, 8, 8], { filters: [4, 6] })).toThrow('INVALID_ARGUMENT: dynUnet: filters');
});

test('refuses a kernel smaller than its stride', () => {
  expect(() => build([1, 1, 16, 16], { kernelSize: [3, 1, 3], strides: [1, 4, 2] })).toThrow(
    'INVALID_ARGUMENT: unet block: kernelSize',
  );
});

test('learns to find a disc under deep supervision', async () => {
  const { scope, variables } = createNetworkBuilder({ training: true });
  const levels = { ...options, kernelSize: [3, 3, 3, 3], strides: [1, 2, 2, 2], filters: [4, 8, 8, 8] };
  const predictions = dynUnet(scope, $.input('x', [2, 1, 16, 16]), {
    ...levels,
    deepSupervision: true,
    deepSuprNum: 2,
  });
  const target = $.input('t', [2, 1, 16, 16], 'uint8');
  const part = (logits: Tensor, wanted: Tensor) => diceCELoss(logits, wanted, { softmax: true, toOnehotY: true });
  const loss = deepSupervisionLoss(predictions, target, { loss: part, normalize: true });
  const program = await compile(trainingProgram({ loss, variables: variables(), optimizer: adam() }), { threads: 1 });
  for (const [name, value] of initialValues(variables(), 0)) program.writeState(name, value);
  const disc = Uint8Array.from({ length: 512 }, (_, i) =>
    Math.hypot((i % 16) - 8, (Math.floor(i / 16) % 16) - 6) < 4 ? 1 : 0,
  );
  const shape = [2, 1, 16, 16];
  const x = {
    shape,
    dtype: 'float32',
    data: Float32Array.from(disc, (inside, i) => inside + Math.sin(9 * i)),
  } as const;
  const losses: number[] = [];
  for (let step = 1; step <= 30; step++) {
    const feeds = {
      x,
      t: { shape, dtype: 'uint8', data: disc } as const,
      learning_rate: scalarValue(0.01),
      step: scalarValue(step),
    };
    losses.push(Number((await program.run(feeds))['loss']?.data[0]));
  }
  await program.close();
  expect(losses.at(-1)).toBeLessThan(0.3 * (losses[0] as number));
});
