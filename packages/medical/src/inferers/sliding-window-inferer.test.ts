import { expect, test } from 'vitest';
import { goldenValues, readGolden, relativeError } from '../../../../golden/read-golden.ts';
import { importanceMap } from './importance-map.ts';
import { type InferenceImage, slidingWindowInference, type WindowPredictor } from './sliding-window-inferer.ts';
import { windowPositions } from './window-positions.ts';

type Triple = readonly [number, number, number];

const golden = readGolden('inferers/sliding-window');

/** The network of golden/make/inferers.py. */
const placeNetwork =
  (voxels: number): WindowPredictor =>
  async (window) =>
    Float32Array.from({ length: 2 * voxels }, (_, i) => {
      const value = window[i % voxels] as number;
      return i < voxels ? value * (-1 + (2 * i) / (voxels - 1)) : value * value;
    });

test.each(golden.cases)('averages windows as MONAI does: $name', async ({ options, inputs, expected }) => {
  const image: InferenceImage = {
    data: goldenValues(inputs['image'] as never) as Float32Array,
    shape: inputs['image']?.shape as never,
  };
  const [, depth, height, width] = image.shape;
  const roiSize = options['roiSize'] as Triple;
  const result = new Float32Array(2 * depth * height * width);
  const sink = (z: number, slice: Float32Array): void => {
    for (let k = 0; k < 2; k++)
      result.set(slice.subarray(k * height * width, (k + 1) * height * width), (k * depth + z) * height * width);
  };
  const window = roiSize.reduce((a, b) => a * b);
  const mode = options['mode'] as 'gaussian' | 'constant';
  await slidingWindowInference(image, placeNetwork(window), sink, {
    roiSize,
    overlap: options['overlap'] as number,
    mode,
    classes: 2,
  });
  expect(relativeError(result, goldenValues(expected['result'] as never))).toBeLessThan(golden.tolerance);
});

test.each(readGolden('inferers/importance-map').cases)(
  'weighs the window as MONAI does: $name',
  ({ options, expected }) => {
    const map = importanceMap(options['size'] as number[], 'gaussian');
    expect(relativeError(map, goldenValues(expected['map'] as never))).toBeLessThan(1e-5);
  },
);

test('windows cover the axis and stay inside it', () => {
  expect(windowPositions(10, 4, 0.5)).toEqual([0, 2, 4, 6]);
  expect(windowPositions(10, 4, 0.25)).toEqual([0, 3, 6]);
  expect(windowPositions(4, 4, 0.5)).toEqual([0]);
  expect(windowPositions(3, 4, 0.5)).toEqual([0]);
});

test('stops between windows when told to', async () => {
  const stop = new AbortController();
  const image: InferenceImage = { data: new Float32Array(8 * 4 * 4), shape: [1, 8, 4, 4] };
  const options = { roiSize: [4, 4, 4] as const, classes: 1, signal: stop.signal, onProgress: () => stop.abort() };
  await expect(
    slidingWindowInference(
      image,
      async (window) => window,
      () => {},
      options,
    ),
  ).rejects.toThrow('INTERRUPTED: prediction, got stopped after 1 of');
});

test('windows answered side by side, in any order, sum to the same bytes', async () => {
  const image: InferenceImage = { data: Float32Array.from({ length: 8 * 9 * 10 }, Math.sin), shape: [1, 8, 9, 10] };
  const late: WindowPredictor = async (window) => {
    const answer = window.map((value, i) => value * (i % 7));
    await new Promise((resolve) => setTimeout(resolve, (Math.abs(window[40] as number) * 1e3) % 5));
    return answer;
  };
  const predicted = async (ahead: number): Promise<number[]> => {
    const slices: number[] = [];
    const options = { roiSize: [4, 5, 4], overlap: 0.5, mode: 'gaussian', classes: 1, ahead } as const;
    await slidingWindowInference(image, late, (_, slice) => slices.push(...slice), options);
    return slices;
  };
  expect(await predicted(3)).toEqual(await predicted(1));
});

test('a window that fails ends the prediction with its error', async () => {
  let asked = 0;
  const failing: WindowPredictor = async (window) => {
    if (++asked === 3) throw new RangeError('third');
    return window;
  };
  const image: InferenceImage = { data: new Float32Array(8 * 8 * 8), shape: [1, 8, 8, 8] };
  const options = { roiSize: [4, 4, 4], classes: 1, ahead: 4 } as const;
  await expect(slidingWindowInference(image, failing, () => undefined, options)).rejects.toThrow('third');
});
