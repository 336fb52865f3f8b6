import { ops as $, compile, createNetworkBuilder, initialValues, scalarValue } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenNetworkTests } from '../../../../golden/networks/golden-network-tests.ts';
import { type UNetOptions, unet } from './unet.ts';

goldenNetworkTests<UNetOptions>('unet', unet);

const options: UNetOptions = { outChannels: 2, channels: [4, 8, 16], strides: [2, 2] };
const build = (shape: readonly number[], changes: Partial<UNetOptions> = {}) =>
  unet(createNetworkBuilder().scope, $.input('x', shape), { ...options, ...changes });

test('says which sizes it takes when the input cannot be halved', () => {
  expect(() => build([1, 1, 30, 32])).toThrow(
    'SHAPE_MISMATCH: unet: spatial size of the input, got [30, 32], expected multiples of [4, 4]',
  );
});

test('refuses an input without batch and channel', () => {
  expect(() => build([32, 32])).toThrow('SHAPE_MISMATCH: unet: input');
});

test('refuses strides that do not fit the channels', () => {
  expect(() => build([1, 1, 32, 32], { strides: [2] })).toThrow('INVALID_ARGUMENT: unet: strides');
});

test('refuses an even kernel, which cannot keep the size', () => {
  expect(() => build([1, 1, 32, 32], { upKernelSize: 2 })).toThrow('INVALID_ARGUMENT: kernelSize, got 2');
});

test('draws other dropouts at every training step and none in evaluation', async () => {
  const run = async (training: boolean, key: number): Promise<string> => {
    const { scope, variables } = createNetworkBuilder({ training });
    const y = unet(scope, $.input('x', [1, 1, 8, 8]), { ...options, dropout: 0.5 });
    const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
    const program = await compile({ outputs: { y }, states }, { threads: 1 });
    for (const [name, value] of initialValues(variables(), 0)) program.writeState(name, value);
    const x = {
      shape: [1, 1, 8, 8],
      dtype: 'float32',
      data: Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
    } as const;
    const result = await program.run({ x, ...(training && { random_key: scalarValue(key, 'int64') }) });
    await program.close();
    return String(result['y']?.data);
  };
  const [first, second, again, evaluated] = [
    await run(true, 1),
    await run(true, 2),
    await run(true, 1),
    await run(false, 1),
  ];
  expect(new Set([first, second, evaluated]).size).toBe(3);
  expect(again).toBe(first);
});
