import type { DataSetRecord } from '../objects/create-data-set.ts';
import type { SegmentMasks } from './segment-masks.ts';

/** One frame of the object; a label map's belongs to no single segment. */
export interface SegmentFrame {
  readonly slice: number;
  readonly segment?: number;
}

/** The frames that hold anything; the first one where nothing does, since an image has at least one. */
export function framesOf({ used, grid }: SegmentMasks, labelMap: boolean): SegmentFrame[] {
  const slices = Array.from({ length: grid.size[2] }, (_, slice) => slice);
  const frames = labelMap
    ? slices.filter((slice) => used.some((one) => one[slice])).map((slice) => ({ slice }))
    : used.flatMap((one, segment) => slices.filter((slice) => one[slice]).map((slice) => ({ slice, segment })));
  if (frames.length > 0) return frames;
  return [labelMap ? { slice: 0 } : { slice: 0, segment: 0 }];
}

/** Frames one bit a pixel, each right after the one before: PS3.5 8.1.1. */
export function binaryPixels(masks: SegmentMasks, frames: readonly SegmentFrame[]): DataSetRecord {
  const pixels = masks.grid.size[0] * masks.grid.size[1];
  const packed = new Uint8Array(Math.ceil((pixels * frames.length) / 8));
  const frame = new Uint8Array(pixels);
  let bit = 0;
  for (const { segment = 0, slice } of frames) {
    masks.fill(frame, segment, slice);
    for (let i = 0; i < pixels; i++, bit++)
      if (frame[i]) packed[bit >> 3] = (packed[bit >> 3] as number) | (1 << (bit & 7));
  }
  return { BitsAllocated: 1, BitsStored: 1, HighBit: 0, PixelData: packed };
}

export function fractionalPixels(masks: SegmentMasks, frames: readonly SegmentFrame[]): DataSetRecord {
  const pixels = masks.grid.size[0] * masks.grid.size[1];
  const bytes = new Uint8Array(pixels * frames.length);
  for (const [i, { segment = 0, slice }] of frames.entries())
    masks.fill(bytes.subarray(i * pixels, (i + 1) * pixels), segment, slice);
  return { BitsAllocated: 8, BitsStored: 8, HighBit: 7, PixelData: bytes };
}

/** Pixels that are the numbers of segments, in as few bytes as they need; a later segment lies over an earlier one. */
export function labelMapPixels(
  masks: SegmentMasks,
  frames: readonly SegmentFrame[],
  numbers: readonly number[],
): DataSetRecord {
  const pixels = masks.grid.size[0] * masks.grid.size[1];
  const wide = Math.max(...numbers) > 255;
  const values = new (wide ? Uint16Array : Uint8Array)(pixels * frames.length);
  const mask = new Uint8Array(pixels);
  for (const [i, { slice }] of frames.entries()) {
    for (const [segment, number] of numbers.entries()) {
      if (!masks.used[segment]?.[slice]) continue;
      masks.fill(mask, segment, slice);
      for (let pixel = 0; pixel < pixels; pixel++) if (mask[pixel]) values[i * pixels + pixel] = number;
    }
  }
  const bits = wide ? 16 : 8;
  return { BitsAllocated: bits, BitsStored: bits, HighBit: bits - 1, PixelData: values, PixelPaddingValue: 0 };
}
