import { ops as $, compile, gradients, type Tensor } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { reverseGradient } from './gradient-reversal.ts';

test('leaves values as they are and turns gradients round, by the strength asked for', async () => {
  const x = $.input('x', [4]);
  const loss = (y: Tensor): Tensor => $.reshape($.sum($.mul($.square(y), $.constant([1, 2, 3, 4], [4]))), []);
  const [plain] = gradients(loss(x), [x]) as [Tensor];
  const [reversed] = gradients(loss(reverseGradient(x, 0.3)), [x]) as [Tensor];
  const program = await compile(
    { outputs: { y: reverseGradient(x, 0.3), plain, reversed }, states: {} },
    { threads: 1 },
  );
  const data = Float32Array.of(0.5, -2, 7, 0);
  const found = await program.run({ x: { shape: [4], dtype: 'float32', data } });
  await program.close();
  for (const [i, value] of data.entries()) {
    expect(Number(found['y']?.data[i])).toBeCloseTo(value, 5);
    expect(Number(found['reversed']?.data[i])).toBeCloseTo(-0.3 * Number(found['plain']?.data[i]), 4);
  }
});
