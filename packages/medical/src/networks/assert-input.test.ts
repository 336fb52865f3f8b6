import { ops as $, createNetworkBuilder, type Scope, type Tensor } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { basicUnet } from './basic-unet.ts';
import { denseNet } from './dense-net.ts';
import { type DynUNetOptions, dynUnet } from './dyn-unet.ts';
import { RESNETS, resNet } from './res-net.ts';
import { segResNet } from './seg-res-net.ts';
import { swinTransformer } from './swin-transformer.ts';
import { type UNetOptions, unet } from './unet.ts';
import { unetr } from './unetr.ts';
import { vit } from './vit.ts';

const swin = { embedDim: 4, windowSize: 4, patchSize: 2, depths: [1, 1], numHeads: [2, 2] };

test.each<[string, number[], (scope: Scope, x: Tensor) => unknown]>([
  ['basicUnet: spatial size of the input, got [32, 40], expected multiples of [16, 16]', [1, 1, 32, 40], basicUnet],
  ['segResNet: spatial size of the input, got [8, 12], expected multiples of [8, 8]', [1, 1, 8, 12], segResNet],
  [
    'unetr: spatial size of the input, got [24, 32], expected multiples of [16, 16]',
    [1, 1, 24, 32],
    (s, x) => unetr(s, x, { outChannels: 1 }),
  ],
  [
    'vit: spatial size of the input, got [16, 20], expected multiples of [8, 8]',
    [1, 1, 16, 20],
    (s, x) => vit(s, x, { patchSize: 8 }),
  ],
  ['resNet: input, got [1, 1, 16]', [1, 1, 16], (s, x) => resNet(s, x, RESNETS[18])],
  ['denseNet: input, got [16, 16]', [16, 16], (s, x) => denseNet(s, x, { outChannels: 2 })],
  ['swinTransformer: input, got [1, 16, 16]', [1, 16, 16], (s, x) => swinTransformer(s, x, swin)],
])('says SHAPE_MISMATCH: %s', (message, shape, build) => {
  expect(() => build(createNetworkBuilder().scope, $.input('x', shape))).toThrow(`SHAPE_MISMATCH: ${message}`);
});

test('refuses heads that do not divide the channels', () => {
  const build = () =>
    vit(createNetworkBuilder().scope, $.input('x', [1, 1, 16, 16]), { patchSize: 8, hiddenSize: 10, numHeads: 3 });
  expect(build).toThrow('INVALID_ARGUMENT: attention: numHeads, got 3, expected a divisor of the 10 channels');
});

test('the published depths have the original number of parameters', () => {
  const count = (build: (scope: Scope, x: Tensor) => unknown, shape: number[]): number => {
    const { scope, variables } = createNetworkBuilder();
    build(scope, $.input('x', shape));
    const trained = variables().filter(({ trainable }) => trainable);
    return trained.reduce((sum, { tensor }) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0);
  };
  const depths = [10, 18, 34, 50, 101] as const;
  const resNets = depths.map((depth) =>
    count((s, x) => resNet(s, x, { ...RESNETS[depth], numClasses: 2 }), [1, 1, 32, 32]),
  );
  expect(resNets).toEqual([4_901_442, 11_172_162, 21_280_322, 23_509_698, 42_501_826]);
  expect(count((s, x) => denseNet(s, x, { outChannels: 2 }), [1, 1, 32, 32])).toBe(6_949_634);
  const residual: UNetOptions = { outChannels: 3, channels: [16, 32, 64, 128], strides: [2, 2, 2], numResUnits: 2 };
  expect(count((s, x) => unet(s, x, residual), [1, 1, 8, 8, 8])).toBe(1_187_766);
  const dynamic: DynUNetOptions = { outChannels: 3, kernelSize: [3, 3, 3, 3], strides: [1, 2, 2, 2], resBlock: true };
  expect(count((s, x) => dynUnet(s, x, dynamic), [1, 1, 8, 8, 8])).toBe(5_645_545 - 64 * 3 - 3 - 128 * 3 - 3);
});
