import { Random } from '@vesalius/engine';
import { expect, test } from 'vitest';
import type { ImageArray, Sample } from '../sample.ts';
import { COLOUR_JITTER, randColourJitter } from './colour-jitter.ts';

const SAME = { gamma: [1, 1, 1], gain: [1, 1, 1], offset: [0, 0, 0], mix: [1, 0, 0, 0, 1, 0, 0, 0, 1] };

function picture(channels = 3): ImageArray {
  const data = Float32Array.from({ length: channels * 64 }, (_, i) => Math.sin(i) * 2);
  return { data, shape: [channels, 1, 8, 8], spacingMm: [1, 1, 1] };
}

/** What the transform drew from a seed. */
function drawn(options: Parameters<typeof randColourJitter>[0], seed: number): typeof SAME {
  const image = picture();
  const sample: Sample = { images: { image }, labels: {} };
  const found = randColourJitter({ ...options, prob: 1 }).decide(
    new Random(seed),
    { size: [1, 8, 8] } as never,
    sample,
  );
  return (found as unknown as { options: typeof SAME }).options;
}

test('nothing drawn changes nothing', () => {
  const image = picture();
  const { data } = COLOUR_JITTER.run(image, SAME, 'image');
  for (const [i, value] of data.entries()) expect(value).toBeCloseTo(image.data[i] as number, 5);
});

test('each colour has a response of its own, whose ends stay', () => {
  const image = picture();
  const { data } = COLOUR_JITTER.run(image, { ...SAME, gamma: [2, 1, 1] }, 'image');
  const [red, before] = [data.subarray(0, 64), image.data.subarray(0, 64)];
  const [low, high] = [Math.min(...before), Math.max(...before)];
  for (const [i, value] of red.entries()) {
    const wanted = (((before[i] as number) - low) / (high - low)) ** 2 * (high - low) + low;
    expect(value).toBeCloseTo(wanted, 3);
  }
  expect([...data.subarray(64)].every((value, i) => Math.abs(value - (image.data[64 + i] as number)) < 1e-5)).toBe(
    true,
  );
});

test('grey stays grey under any turn of colours and any saturation', () => {
  const grey = Float32Array.from({ length: 192 }, (_, i) => Math.sin(i % 64));
  const image: ImageArray = { data: grey, shape: [3, 1, 8, 8], spacingMm: [1, 1, 1] };
  for (let seed = 0; seed < 5; seed++) {
    const colours = { ...SAME, mix: drawn({ hue: 3, saturation: 0.9 }, seed).mix };
    for (const [i, value] of COLOUR_JITTER.run(image, colours, 'image').data.entries())
      expect(value).toBeCloseTo(grey[i] as number, 5);
  }
});

test('a turn alone keeps every colour as far from grey as it was', () => {
  const { mix } = drawn({ hue: 2, saturation: 0 }, 3);
  const image = picture();
  const { data } = COLOUR_JITTER.run(image, { ...SAME, mix }, 'image');
  const distance = (values: Float32Array, i: number): number => {
    const colour = [0, 1, 2].map((c) => values[64 * c + i] as number);
    const mean = colour.reduce((a, b) => a + b) / 3;
    return Math.hypot(...colour.map((value) => value - mean));
  };
  for (let i = 0; i < 64; i++) expect(distance(data, i)).toBeCloseTo(distance(image.data, i), 4);
});

test('what is drawn stays within what was asked for', () => {
  for (let seed = 0; seed < 50; seed++) {
    const { gamma, gain, offset } = drawn({ gamma: 1.5, gain: 0.3, offset: 0.2 }, seed);
    for (const value of gamma) expect(Math.abs(Math.log(value))).toBeLessThanOrEqual(Math.log(1.5));
    for (const value of gain) expect(Math.abs(value - 1)).toBeLessThanOrEqual(0.3);
    for (const value of offset) expect(Math.abs(value)).toBeLessThanOrEqual(0.2);
  }
});

test('refuses what is no colour picture', () => {
  expect(() => COLOUR_JITTER.run(picture(2), SAME, 'image')).toThrow('DATA_MISMATCH');
});
