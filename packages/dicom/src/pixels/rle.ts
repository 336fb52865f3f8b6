import { VesaliusError } from '@vesalius/errors';
import { joinBytes } from '../part10/deflate.ts';
import type { PixelLayout } from './pixel-layout.ts';

const HEADER = 64;
const MOST_SEGMENTS = 15;

/**
 * Decodes an RLE frame to little-endian samples, pixel by pixel: PS3.5 annex G.
 *
 * @throws FILE_FORMAT when the frame is damaged
 */
export function decodeRle(
  frame: Uint8Array,
  { rows, columns, samplesPerPixel, bitsAllocated }: PixelLayout,
): Uint8Array {
  const width = bitsAllocated / 8;
  const pixels = rows * columns;
  const offsets = segmentOffsets(frame, samplesPerPixel * width);
  const out = new Uint8Array(pixels * samplesPerPixel * width);
  const segment = new Uint8Array(pixels);
  for (const [i, offset] of offsets.entries()) {
    unpackBytes(frame.subarray(offset, offsets[i + 1] ?? frame.length), segment);
    // Segments go from the highest byte of a sample to the lowest.
    const sample = Math.floor(i / width);
    const byte = width - 1 - (i % width);
    const step = samplesPerPixel * width;
    for (let p = 0, to = sample * width + byte; p < pixels; p++, to += step) out[to] = segment[p] as number;
  }
  return out;
}

function segmentOffsets(frame: Uint8Array, expected: number): number[] {
  if (frame.length < HEADER) throw damaged('length of the header');
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const count = view.getUint32(0, true);
  if (count !== expected || count > MOST_SEGMENTS) throw damaged(`${count} segments instead of ${expected}`);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 + 4 * i, true));
}

/** PackBits: PS3.5 G.3.2. */
function unpackBytes(packed: Uint8Array, out: Uint8Array): void {
  let to = 0;
  for (let at = 0; at < packed.length && to < out.length; ) {
    const code = packed[at++] as number;
    if (code < 128) {
      const run = packed.subarray(at, at + Math.min(code + 1, out.length - to));
      out.set(run, to);
      to += run.length;
      at += code + 1;
    } else if (code > 128) {
      const end = Math.min(to + 257 - code, out.length);
      out.fill(packed[at++] ?? 0, to, end);
      to = end;
    }
  }
  if (to < out.length) throw damaged('a segment that ends early');
}

function damaged(got: string): VesaliusError {
  return new VesaliusError('FILE_FORMAT', { what: 'RLE frame', got });
}

/** Encodes a frame of little-endian samples, pixel by pixel, as RLE. */
export function encodeRle(
  samples: Uint8Array,
  { rows, columns, samplesPerPixel, bitsAllocated }: PixelLayout,
): Uint8Array<ArrayBuffer> {
  const width = bitsAllocated / 8;
  const step = samplesPerPixel * width;
  const segments: Uint8Array[] = [];
  for (let i = 0; i < step; i++) {
    const from = Math.floor(i / width) * width + (width - 1 - (i % width));
    const plane = Uint8Array.from({ length: rows * columns }, (_, p) => samples[p * step + from] as number);
    segments.push(packRows(plane, columns));
  }
  const header = new DataView(new ArrayBuffer(HEADER));
  header.setUint32(0, segments.length, true);
  let offset = HEADER;
  for (const [i, segment] of segments.entries()) {
    header.setUint32(4 + 4 * i, offset, true);
    offset += segment.length;
  }
  return joinBytes([new Uint8Array(header.buffer), ...segments]);
}

/** PS3.5 G.3.1: rows are packed by themselves, a segment has an even length. */
function packRows(plane: Uint8Array, columns: number): Uint8Array {
  const out: number[] = [];
  for (let start = 0; start < plane.length; start += columns) packRow(plane.subarray(start, start + columns), out);
  if (out.length % 2 === 1) out.push(0);
  return Uint8Array.from(out);
}

function packRow(row: Uint8Array, out: number[]): void {
  for (let at = 0; at < row.length; ) {
    const same = runLength(row, at);
    if (same > 1) {
      out.push(257 - same, row[at] as number);
      at += same;
      continue;
    }
    let end = at + 1;
    while (end < row.length && end - at < 128 && runLength(row, end) < 3) end++;
    out.push(end - at - 1, ...row.subarray(at, end));
    at = end;
  }
}

function runLength(row: Uint8Array, at: number): number {
  let end = at + 1;
  while (end < row.length && end - at < 128 && row[end] === row[at]) end++;
  return end - at;
}
