import { ops as $, createNetworkBuilder } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
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
