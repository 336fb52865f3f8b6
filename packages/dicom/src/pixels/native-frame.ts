import { VesaliusError } from '@vesalius/errors';
import { nativeFrameBytes, type PixelLayout } from './pixel-layout.ts';
import { interleaved, type SampleArray, samplesOf } from './sample-array.ts';

/**
 * The samples of a native frame, pixel by pixel.
 *
 * @param bytes - all native pixel data, little endian
 * @throws FILE_TRUNCATED when the frame is not all there
 */
export function nativeFrame(bytes: Uint8Array, layout: PixelLayout, index: number): SampleArray {
  const length = nativeFrameBytes(layout);
  if (layout.bitsAllocated === 1) return unpackBits(bytes, layout, index);
  const frame = bytes.subarray(index * length, (index + 1) * length);
  assertWhole(frame.length, length);
  if (layout.photometric === 'YBR_FULL_422' && layout.samplesPerPixel === 3)
    return samplesOf(upsampled(frame, layout), layout);
  const samples = samplesOf(frame, layout);
  return layout.planar ? interleaved(samples, layout.samplesPerPixel) : samples;
}

function assertWhole(got: number, expected: number): void {
  if (got < expected) throw new VesaliusError('FILE_TRUNCATED', { what: 'bytes of a frame', got, expected });
}

/** PS3.5 8.1.1, annex D: the first pixel is the lowest bit, and frames follow without padding. */
function unpackBits(bytes: Uint8Array, { rows, columns, samplesPerPixel }: PixelLayout, index: number): SampleArray {
  const samples = new Uint8Array(rows * columns * samplesPerPixel);
  const first = index * samples.length;
  assertWhole(bytes.length, Math.ceil((first + samples.length) / 8));
  for (let i = 0; i < samples.length; i++) {
    const bit = first + i;
    samples[i] = ((bytes[bit >> 3] as number) >> (bit & 7)) & 1;
  }
  return samples;
}

/** PS3.3 C.7.6.3.1.2: Y Y B R for each two pixels, as Y B R for each. */
function upsampled(frame: Uint8Array, { bitsAllocated }: PixelLayout): Uint8Array {
  const width = bitsAllocated / 8;
  const out = new Uint8Array((frame.length / 2) * 3);
  const order = [0, 2, 3, 1, 2, 3];
  for (let at = 0, to = 0; at + 4 * width <= frame.length; at += 4 * width) {
    for (const sample of order) {
      for (let byte = 0; byte < width; byte++) out[to++] = frame[at + sample * width + byte] as number;
    }
  }
  return out;
}
