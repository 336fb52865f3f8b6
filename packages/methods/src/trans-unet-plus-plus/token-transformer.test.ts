import { ops as $, compile, createNetworkBuilder, initialValues } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { tokenTransformer } from './token-transformer.ts';

test('every place keeps its place on the way to tokens and back', async () => {
  const { scope, variables } = createNetworkBuilder();
  const shape = [1, 2, 2, 3, 4];
  const options = { hiddenSize: 4, mlpDim: 8, numLayers: 0, numHeads: 1, grid: [2, 3, 4] };
  const y = tokenTransformer(scope, $.input('x', shape), options);
  const states = Object.fromEntries(variables().map(({ name, tensor }) => [name, { current: tensor }]));
  const program = await compile({ outputs: { y }, states }, { threads: 1 });
  for (const [name, value] of initialValues(variables(), 1)) program.writeState(name, value);
  const answer = async (touched: number): Promise<number[]> => {
    const data = Float32Array.from({ length: 48 }, (_, i) => Math.sin(i) + (i === touched ? 1 : 0));
    return Array.from((await program.run({ x: { shape, dtype: 'float32', data } }))['y']?.data ?? [], Number);
  };
  const [before, after] = [await answer(-1), await answer(24 + 17)];
  await program.close();
  const changed = after.flatMap((value, i) => (Math.abs(value - (before[i] as number)) > 1e-6 ? [i % 24] : []));
  expect(new Set(changed)).toEqual(new Set([17]));
});
