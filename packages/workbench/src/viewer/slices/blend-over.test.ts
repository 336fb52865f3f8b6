import { expect, test } from 'vitest';
import { blendOver } from './blend-over.ts';

test('what is clear lets through, what is opaque hides, half and half mix', () => {
  const below = Uint32Array.of(0xff0000ff, 0xff0000ff, 0xff0000ff, 0, 0x8000ff00);
  blendOver(below, Uint32Array.of(0x00ffffff, 0xff00ff00, 0x80ff0000, 0x40123456, 0x8000ff00));
  expect([...below].map((pixel) => pixel.toString(16))).toEqual([
    'ff0000ff',
    'ff00ff00',
    'ff80007f',
    '40123456',
    'c000ff00',
  ]);
});
