import { VesaliusError } from '@vesalius/errors';
import { inflate } from '../part10/deflate.ts';
import { littleBytes } from '../part10/encode-data-set.ts';
import { DEFAULT_LIMITS } from '../part10/limits.ts';
import type { DicomFile } from '../part10/read-dicom.ts';
import { type DecodedFrame, decodeCompressed } from './codecs.ts';
import { encapsulatedFrame } from './encapsulated-frames.ts';
import { nativeFrame } from './native-frame.ts';
import { nativeFrameBytes, type PixelLayout, pixelLayout } from './pixel-layout.ts';
import { decodeRle } from './rle.ts';
import { interleaved, keepStoredBits, type SampleArray, samplesOf } from './sample-array.ts';

const RLE = '1.2.840.10008.1.2.5';
const UNCOMPRESSED = '1.2.840.10008.1.2.1.98';
const DEFLATED_FRAME = '1.2.840.10008.1.2.8.1';

/** The stored values of one frame. */
export interface PixelFrame {
  readonly rows: number;
  readonly columns: number;
  readonly samplesPerPixel: number;
  readonly bitsStored: number;
  /** Of the samples as they are here: a decoder may have turned YBR_RCT and YBR_ICT into RGB. */
  readonly photometric: string;
  /** Row by row, the samples of a pixel side by side; a bit takes a byte. */
  readonly samples: SampleArray;
}

/**
 * Decodes one frame without touching the others, in any transfer syntax with a codec. No colour conversion, no rescaling.
 *
 * @param index - from 0
 * @throws VALUE_INVALID for an image without proper description or a frame it has not, FILE_TRUNCATED, FILE_FORMAT or
 * FILE_UNSUPPORTED for pixel data that cannot be decoded
 */
export async function decodeFrame(
  { dataSet, transferSyntax }: Pick<DicomFile, 'dataSet' | 'transferSyntax'>,
  index = 0,
): Promise<PixelFrame> {
  const layout = pixelLayout(dataSet);
  const pixels = dataSet.get(layout.element);
  if (pixels === undefined || pixels.kind === 'sequence')
    throw new VesaliusError('VALUE_INVALID', { what: 'pixel data', got: 'none' });
  if (!(index >= 0 && index < layout.frames))
    throw new VesaliusError('VALUE_INVALID', { what: 'frame', got: index + 1, expected: `1 to ${layout.frames}` });
  if (pixels.kind === 'value')
    return frameOf(nativeFrame(littleBytes(pixels, dataSet), layout, index), layout, upsampledName(layout));
  const frame = encapsulatedFrame(pixels, dataSet, { frames: layout.frames, index });
  return decapsulated(frame, transferSyntax.uid, layout);
}

async function decapsulated(frame: Uint8Array, uid: string, layout: PixelLayout): Promise<PixelFrame> {
  if (uid === RLE) return frameOf(samplesOf(decodeRle(frame, layout), layout), layout, layout.photometric);
  if (uid === UNCOMPRESSED || uid === DEFLATED_FRAME) {
    const length = nativeFrameBytes(layout);
    const bytes =
      uid === UNCOMPRESSED ? frame : (await inflate(frame, Math.min(length + 1, DEFAULT_LIMITS.inflatedBytes))).bytes;
    return frameOf(nativeFrame(bytes, layout, 0), layout, upsampledName(layout));
  }
  return decompressed(await decodeCompressed(frame, uid, layout), layout);
}

/** A codec may widen samples: 12 bits in 8 allocated, or the other way round. */
function decompressed(decoded: DecodedFrame, layout: PixelLayout): PixelFrame {
  const stored = samplesOf(decoded.bytes, { ...layout, bitsAllocated: decoded.bitsAllocated });
  const expected = layout.rows * layout.columns * layout.samplesPerPixel;
  if (stored.length !== expected)
    throw new VesaliusError('FILE_FORMAT', { what: 'samples of a frame', got: stored.length, expected });
  const samples = decoded.planar ? interleaved(stored, layout.samplesPerPixel) : stored;
  return frameOf(samples, { ...layout, bitsAllocated: decoded.bitsAllocated }, decoded.photometric);
}

function upsampledName({ photometric }: PixelLayout): string {
  return photometric === 'YBR_FULL_422' ? 'YBR_FULL' : photometric;
}

function frameOf(samples: SampleArray, layout: PixelLayout, photometric: string): PixelFrame {
  keepStoredBits(samples, layout);
  const { rows, columns, samplesPerPixel, bitsStored } = layout;
  return { rows, columns, samplesPerPixel, bitsStored, photometric, samples };
}
