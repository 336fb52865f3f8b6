import { ops as $, compile, gradients, type Tensor, type TensorValue } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { goldenNoise } from '../../../../golden/golden-weights.ts';
import { goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { articleContrastiveLoss } from './article-loss.ts';
import { byolLoss, dinoLoss, mocoLoss, ntXent } from './contrastive-losses.ts';

type Options = { readonly temperature?: number };
type Loss = (inputs: readonly Tensor[], options: Options) => Tensor;

async function valueAndGradients(loss: Loss, values: readonly TensorValue[], options: Options = {}) {
  const inputs = values.map(({ shape }, i) => $.input(`x${i}`, shape));
  const value = loss(inputs, options);
  const slopes = Object.fromEntries(gradients(value, inputs).map((g, i) => [`gradient${i}`, g]));
  const program = await compile({ outputs: { value, ...slopes }, states: {} }, { threads: 1 });
  const answers = await program.run(Object.fromEntries(values.map((x, i) => [`x${i}`, x])));
  await program.close();
  return answers;
}

const centre = $.constant(goldenNoise('centre', [1, 12]), [1, 12]);
const LOSSES: Record<string, Loss> = {
  'article-loss': ([x], options) => articleContrastiveLoss(x as Tensor, options),
  'nt-xent': ([a, b], options) => ntXent(a as Tensor, b as Tensor, options),
  'moco-loss': ([a, b], options) => mocoLoss(a as Tensor, b as Tensor, options),
  'byol-loss': ([a, b]) => byolLoss(a as Tensor, b as Tensor),
  'dino-loss': ([a, b]) => dinoLoss(a as Tensor, b as Tensor, centre),
};

for (const [file, loss] of Object.entries(LOSSES)) {
  const { cases, parity, tolerance } = readGolden(`contrastive/${file}`);
  for (const { name, inputs, expected, options } of cases)
    test(`equals ${parity} in PyTorch, value and gradient: ${name}`, async () => {
      const values = Object.values(inputs).map((tensor): TensorValue => {
        return { shape: tensor.shape, dtype: 'float32', data: goldenValues(tensor) as Float32Array };
      });
      const got = await valueAndGradients(loss, values, options['options'] as Options);
      for (const [key, tensor] of Object.entries(expected))
        expect(relativeError(got[key]?.data as Float32Array, goldenValues(tensor))).toBeLessThan(tolerance);
    });
}

const rows = (name: string): TensorValue => ({ shape: [4, 6], dtype: 'float32', data: goldenNoise(name, [4, 6]) });

test('the listing drives two views of one image apart, the corrected loss draws them together', async () => {
  const data = new Float32Array(24).map((_, i) => goldenNoise('pair', [12])[i % 12] as number);
  data[0] = (data[0] as number) + 0.2;
  const alike: TensorValue = { shape: [4, 6], dtype: 'float32', data };
  const along = (gradient: TensorValue | undefined): number => (gradient?.data[0] as number) * 0.2;
  const listing = await valueAndGradients(([x]) => articleContrastiveLoss(x as Tensor), [alike]);
  const corrected = await valueAndGradients(
    ([x]) => ntXent($.sliceAxis(x as Tensor, 0, 0, 2), $.sliceAxis(x as Tensor, 0, 2, 4)),
    [alike],
  );
  expect(along(listing['gradient0'])).toBeLessThan(0);
  expect(along(corrected['gradient0'])).toBeGreaterThan(0);
});

test('a pair that is no negative has no part in the loss', async () => {
  const loss =
    (apart: readonly number[]): Loss =>
    ([a, b]) =>
      ntXent(a as Tensor, b as Tensor, { apart: $.constant(apart, [8, 8]) });
  const [a, b] = [rows('a'), rows('b')];
  const none = await valueAndGradients(loss(new Array(64).fill(0)), [a, b]);
  expect(none['value']?.data[0]).toBeCloseTo(0, 5);
  const all = await valueAndGradients(loss(new Array(64).fill(1)), [a, b]);
  const plain = await valueAndGradients(([x, y]) => ntXent(x as Tensor, y as Tensor), [a, b]);
  expect(all['value']?.data[0]).toBeCloseTo(plain['value']?.data[0] as number, 5);
});
