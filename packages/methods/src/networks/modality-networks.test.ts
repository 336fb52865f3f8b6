import { ops as $, compile, createNetworkBuilder, initialValues, type Tensor } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { mmFormer } from '../mm-former/mm-former.ts';
import { mmFormerNetwork } from './modality-networks.ts';

const tokens = { stem: 1, hiddenSize: 8, mlpDim: 8, numLayers: 1, numHeads: 2 } as const;
const shape = [1, 2, 8, 8];
const grid = [4, 4];

async function answerOf(build: (scope: ReturnType<typeof createNetworkBuilder>['scope'], x: Tensor) => Tensor) {
  const { scope, variables } = createNetworkBuilder();
  const y = build(scope, $.input('x', shape));
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { y }, states }, { threads: 1 });
  for (const [name, value] of initialValues(variables(), 1)) program.writeState(name, value);
  return async (data: Float32Array): Promise<number[]> =>
    Array.from((await program.run({ x: { shape, dtype: 'float32', data } }))['y']?.data ?? [], Number);
}

test('a channel that is 0 everywhere is a modality that is missing, and none at all still has an answer', async () => {
  const planned = {
    name: 'Method',
    method: 'MmFormer',
    inChannels: 2,
    outChannels: 2,
    channels: [3, 4],
    strides: [
      [1, 1],
      [2, 2],
    ],
    fixedSize: true,
    options: { ...tokens, grid },
  } as const;
  const network = await answerOf((scope, x) => mmFormerNetwork(planned)(scope, x).logits[0] as Tensor);
  const masked = (mask: readonly number[]) =>
    answerOf((scope, image) => {
      const inputs = { image, mask: $.constant([...mask], [1, 2]) };
      return mmFormer(scope, inputs, { outChannels: 2, grid, size: { ...tokens, channels: [3, 4] } })
        .logits[0] as Tensor;
    });
  const full = Float32Array.from({ length: 128 }, (_, i) => Math.sin(1 + 0.7 * i));
  const half = full.map((value, i) => (i < 64 ? value : 0));
  expect(await network(full)).toEqual(await (await masked([1, 1]))(full));
  expect(await network(half)).toEqual(await (await masked([1, 0]))(half));
  expect(await network(half)).not.toEqual(await (await masked([1, 1]))(half));
  expect((await network(new Float32Array(128))).every(Number.isFinite)).toBe(true);
});
