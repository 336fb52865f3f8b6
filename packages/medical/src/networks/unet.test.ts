import { createNetworkBuilder, ops as $ } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { unet, type UNetOptions } from './unet.ts';

goldenNetworkTests<UNetOptions>('unet', unet);

const options: UNetOptions = { outChannels: 2, channels: [4, 8, 16], strides: [2, 2] };
const build = (shape: readonly number[], changes: Partial<UNetOptions> = {}) => unet(createNetworkBuilder().scope, $.input('x', shape), { ...options, ...changes });

test('says which sizes it takes when the input cannot be halved', () => {
  expect(() => build([1, 1, 30, 32])).toThrow('SHAPE_MISMATCH: unet: spatial size of the input, got [30, 32], expected multiples of [4, 4]');
});

test('refuses an input without batch and channel', () => {
  expect(() => build([32, 32])).toThrow('SHAPE_MISMATCH: unet: input');
});

test('refuses strides that do not fit the channels', () => {
  expect(() => build([1, 1, 32, 32], { strides: [2] })).toThrow('INVALID_ARGUMENT: unet: strides');
});

test('draws dropout only while training', () => {
  for (const training of [true, false]) {
    const feeds = new Set<string>();
    const { scope } = createNetworkBuilder({ training });
    const watched = { ...scope, child: () => scope, random: () => (feeds.add('random'), scope.random()) };
    expect(unet(watched, $.input('x', [1, 1, 8, 8]), { ...options, dropout: 0.5 }).shape).toEqual([1, 2, 8, 8]);
  }
});
