import { compile, initialValues, openOnnx, Random, type TensorValue, writeOnnx } from '@vesalius/engine';
import { expect, test } from 'vitest';
import type { ChannelNormalization } from '../planning/training-plan.ts';
import { buildPredictionGraph } from '../training/segmentation-graphs.ts';
import type { NetworkSetup } from '../training/training-setup.ts';
import { imageModel } from './image-model.ts';
import { normalizeChannels } from './normalize-channels.ts';

const network: NetworkSetup = {
  name: 'DynUNet',
  options: {
    outChannels: 3,
    kernelSize: [3, 3, 3],
    strides: [1, 2, 2],
    filters: [8, 16, 16],
    deepSupervision: true,
    deepSuprNum: 1,
  },
};
const DIVISOR = [4, 4, 4] as const;

function weightsFor(channels: number): Map<string, TensorValue> {
  return initialValues(buildPredictionGraph({ network, channels, classes: 3 }, [8, 8, 8]).variables, 5);
}

function noisyImage(channels: number, size: readonly number[]): TensorValue {
  const random = new Random(3);
  const count = channels * size.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: count }, () => (random.uniform() < 0.3 ? 0 : 100 + 40 * random.normal()));
  return { shape: [1, channels, ...size], dtype: 'float32', data };
}

/** One channel of an image is 0 everywhere. */
function withoutFirst({ data, ...rest }: TensorValue): TensorValue {
  const [, channels = 1] = rest.shape;
  return {
    ...rest,
    data: Float32Array.from(data as Float32Array, (value, i) => (i < data.length / channels ? 0 : value)),
  };
}

const RULES: Record<string, ChannelNormalization[]> = {
  'robust z-score': [{ kind: 'robust-z-score', clipPercentiles: [0.5, 99.5], nonZeroOnly: false }],
  'two channels, one masked, one CT': [
    { kind: 'robust-z-score', clipPercentiles: [1, 99], nonZeroOnly: true },
    { kind: 'ct', clip: [50, 160], mean: 110, standardDeviation: 30 },
  ],
};

test.each(Object.entries(RULES))(
  'takes raw images of any size and answers as the network does after host processing: %s',
  async (_, normalization) => {
    const weights = weightsFor(normalization.length);
    const model = imageModel({
      network,
      normalization,
      classValues: [0, 7, 200],
      smallestSize: [8, 12, 8],
      divisor: DIVISOR,
      weights,
    });
    const session = await openOnnx(writeOnnx(model), { threads: 1 });
    const sizes = [
      [8, 12, 8],
      [7, 13, 10],
      [9, 5, 17],
    ] as const;
    const noisy = sizes.map((size) => ({ size, image: noisyImage(normalization.length, size) }));
    for (const { size, image } of [...noisy, ...noisy.map((each) => ({ ...each, image: withoutFirst(each.image) }))]) {
      const { labels, probabilities } = await session.run({ image });
      const expected = await hostAnswer(image, { normalization, weights, size });
      expect(probabilities?.shape).toEqual([1, 3, ...size]);
      for (let i = 0; i < expected.length; i++)
        expect(Math.abs((probabilities?.data[i] as number) - (expected[i] as number))).toBeLessThan(2e-4);
      const voxels = size[0] * size[1] * size[2];
      for (let i = 0; i < voxels; i += 7) {
        const scores = [0, 1, 2].map((k) => probabilities?.data[k * voxels + i] as number);
        expect(labels?.data[i]).toBe([0, 7, 200][scores.indexOf(Math.max(...scores))]);
      }
    }
    await session.close();
  },
);

interface Host {
  readonly normalization: readonly ChannelNormalization[];
  readonly weights: Map<string, TensorValue>;
  readonly size: readonly [number, number, number];
  /** Zeros before the image beyond half of them, where there is room for one. */
  readonly shift?: number;
}

/** Normalizes, pads, runs and crops without the model's own processing. */
async function hostAnswer(image: TensorValue, { normalization, weights, size, shift }: Host): Promise<Float32Array> {
  const room = shift === undefined ? 0 : 1;
  const padded = size.map((n, axis) => Math.max([8, 12, 8][axis] as number, Math.ceil((n + room) / 4) * 4)) as [
    number,
    number,
    number,
  ];
  const before = padded.map((n, axis) => Math.floor((n - (size[axis] as number)) / 2) + (shift ?? 0));
  const normal = normalizeChannels(
    { data: image.data as Float32Array, shape: [normalization.length, ...size] },
    normalization,
  );
  const entered = new Float32Array(normalization.length * padded[0] * padded[1] * padded[2]);
  const place = (c: number, at: readonly number[]): number =>
    ((c * padded[0] + (at[0] as number) + (before[0] as number)) * padded[1] +
      (at[1] as number) +
      (before[1] as number)) *
      padded[2] +
    (at[2] as number) +
    (before[2] as number);
  const voxels = places(size);
  for (let c = 0; c < normalization.length; c++)
    for (const [i, at] of voxels.entries()) entered[place(c, at)] = normal[c * voxels.length + i] as number;
  const { program, variables } = buildPredictionGraph({ network, channels: normalization.length, classes: 3 }, padded);
  const executable = await compile(program, { threads: 1 });
  for (const { name } of variables) executable.writeState(name, weights.get(name) as TensorValue);
  const { probabilities } = await executable.run({
    image: { shape: [1, normalization.length, ...padded], dtype: 'float32', data: entered },
  });
  await executable.close();
  return Float32Array.from([0, 1, 2].flatMap((k) => voxels.map((at) => probabilities?.data[place(k, at)] as number)));
}

function places([d, h, w]: readonly [number, number, number]): [number, number, number][] {
  return Array.from({ length: d * h * w }, (_, i) => [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w]);
}

test('averages mirrored images: the mirrored scan gets the mirrored answer', async () => {
  const weights = weightsFor(1);
  const options = {
    network,
    normalization: RULES['robust z-score'] as ChannelNormalization[],
    classValues: [0, 1, 2],
    weights,
  };
  const model = imageModel({ ...options, smallestSize: [8, 8, 8], divisor: DIVISOR, mirrorAxes: [2] });
  const session = await openOnnx(writeOnnx(model), { threads: 1 });
  const image = noisyImage(1, [8, 8, 8]);
  const turn = (data: ArrayLike<number>): Float32Array =>
    Float32Array.from({ length: data.length }, (_, i) => data[i - (i % 8) + 7 - (i % 8)] as number);
  const straight = (await session.run({ image }))['probabilities']?.data as Float32Array;
  const turned = (await session.run({ image: { ...image, data: turn(image.data as Float32Array) } }))['probabilities']
    ?.data as Float32Array;
  for (const [i, value] of turn(turned).entries()) expect(Math.abs(value - (straight[i] as number))).toBeLessThan(1e-5);
  await session.close();
});

test('averages the scan as it lies and one voxel further', async () => {
  const [weights, normalization] = [weightsFor(1), RULES['robust z-score'] as ChannelNormalization[]];
  const model = imageModel({
    network,
    normalization,
    classValues: [0, 1, 2],
    smallestSize: [8, 12, 8],
    divisor: DIVISOR,
    weights,
    shifted: true,
  });
  const session = await openOnnx(writeOnnx(model), { threads: 1 });
  for (const size of [
    [8, 12, 8],
    [7, 13, 10],
  ] as const) {
    const image = noisyImage(1, size);
    const probabilities = (await session.run({ image }))['probabilities']?.data as Float32Array;
    const host = { normalization, weights, size };
    const [still, moved] = [
      await hostAnswer(image, { ...host, shift: 0 }),
      await hostAnswer(image, { ...host, shift: 1 }),
    ];
    for (const [i, value] of still.entries())
      expect(Math.abs((probabilities[i] as number) - (value + (moved[i] as number)) / 2)).toBeLessThan(2e-4);
  }
  await session.close();
});
