import { ops as $, compile } from '@vesalius/engine';
import { expect, test } from 'vitest';
import { toPlaces } from './tokens.ts';

const [batch, modalities, channels] = [2, 4, 3];
const grid = [2, 3, 4];
const places = 24;

/** Tokens that say where they come from: batch, modality, place and channel as digits. */
const origin = (b: number, m: number, place: number, c: number): number => ((b * 10 + m) * 100 + place) * 10 + c;

async function laidOut(lay: (tokens: ReturnType<typeof $.input>) => ReturnType<typeof $.input>) {
  const shape = [batch, modalities * places, channels];
  const program = await compile({ outputs: { y: lay($.input('x', shape)) }, states: {} }, { threads: 1 });
  const data = Float32Array.from({ length: batch * modalities * places * channels }, (_, i) => {
    const token = Math.floor(i / channels) % (modalities * places);
    const b = Math.floor(i / (channels * modalities * places));
    return origin(b, Math.floor(token / places), token % places, i % channels);
  });
  const found = await program.run({ x: { shape, dtype: 'float32', data } });
  await program.close();
  return Array.from(found['y']?.data ?? [], Number);
}

const inPlace = Array.from({ length: batch * modalities * channels * places }, (_, i) => {
  const channel = Math.floor(i / places) % (modalities * channels);
  const b = Math.floor(i / (places * modalities * channels));
  return origin(b, Math.floor(channel / channels), i % places, channel % channels);
});

test('every token comes back to its own place, in the channels of its own modality', async () => {
  expect(await laidOut((tokens) => toPlaces(tokens, modalities, grid))).toEqual(inPlace);
});

test('reading joined tokens as a grid without moving the modalities first would scramble the places', async () => {
  const careless = await laidOut((tokens) => {
    const grids = $.reshape(tokens, [batch, ...grid, modalities * channels]);
    return $.reshape($.transpose(grids, [0, 4, 1, 2, 3]), [batch, modalities * channels, ...grid]);
  });
  const right = careless.filter((value, i) => value === inPlace[i]).length;
  expect(right).toBeLessThan(0.2 * inPlace.length);
});
