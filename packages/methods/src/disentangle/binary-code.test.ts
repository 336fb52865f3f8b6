import { ops as $, compile, gradients, type Tensor } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { binaryCode } from './binary-code.ts';

test('says which numbers are above 0, and lets gradients through as a steep sigmoid would', async () => {
  const x = $.input('x', [4]);
  const weights = [1, -2, 3, 5];
  const loss = $.reshape($.sum($.mul(binaryCode(x), $.constant(weights, [4]))), []);
  const [slope] = gradients(loss, [x]) as [Tensor];
  const program = await compile({ outputs: { y: binaryCode(x), slope }, states: {} }, { threads: 1 });
  const data = Float32Array.of(-3, -0.1, 0.2, 0);
  const found = await program.run({ x: { shape: [4], dtype: 'float32', data } });
  await program.close();
  for (const [i, value] of data.entries()) {
    const s = 1 / (1 + Math.exp(-4 * value));
    expect(Number(found['y']?.data[i])).toBeCloseTo(value > 0 ? 1 : 0, 6);
    expect(Number(found['slope']?.data[i])).toBeCloseTo((weights[i] as number) * 4 * s * (1 - s), 5);
  }
});
