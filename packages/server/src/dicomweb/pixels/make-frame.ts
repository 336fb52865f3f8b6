import { encodeCompressed, encodeRle, type PixelFrame, type PixelLayout, pixelLayout, toRgb } from '@vesalius/dicom';
import { EXPLICIT_LITTLE_UID, isRle } from '../media/transfer-syntaxes.ts';
import type { OpenInstance } from '../wado/open-header.ts';
import { pixelsOfFrame, storedFrame } from './one-frame.ts';

/** A frame in a transfer syntax other than its own. @param uid - of one that `encodable` names, or explicit little endian */
export async function makeFrame(open: OpenInstance, index: number, uid: string): Promise<Uint8Array> {
  const layout = pixelLayout(open.header.dataSet);
  if (uid === EXPLICIT_LITTLE_UID) return nativeFrame(open, index, layout);
  return (await compressFrame(await pixelsOfFrame(open, index), layout, uid)).bytes;
}

/** Compresses decoded samples. */
export async function compressFrame(
  frame: PixelFrame,
  layout: PixelLayout,
  uid: string,
): Promise<{ bytes: Uint8Array; photometric: string }> {
  const here = {
    ...layout,
    planar: false,
    bitsAllocated: frame.samples.BYTES_PER_ELEMENT * 8,
    photometric: frame.photometric,
  };
  if (isRle(uid)) return { bytes: encodeRle(bytesOf(frame), here), photometric: frame.photometric };
  return encodeCompressed(bytesOf(frame), uid, here, { lossy: uid.endsWith('.4.50') });
}

/** Little endian, and otherwise as the metadata describe it; colours that were subsampled or transformed for a codec as RGB. */
async function nativeFrame(open: OpenInstance, index: number, layout: PixelLayout): Promise<Uint8Array> {
  const { encapsulated, encoding } = open.header.transferSyntax;
  const compressed = encapsulated && layout.element === 'PixelData';
  if (!compressed && encoding.littleEndian) return storedFrame(open, index);
  const frame = await pixelsOfFrame(open, index);
  if (frame.photometric.startsWith('YBR') && frame.bitsStored === 8) {
    return planes(toRgb(frame, open.header.dataSet), layout);
  }
  return planes(bytesOf(frame), layout, frame.samples.BYTES_PER_ELEMENT);
}

export function bytesOf({ samples }: PixelFrame): Uint8Array {
  // Every platform that runs this code is little endian.
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Samples of a pixel side by side, parted into planes where the metadata say so. */
function planes(
  bytes: Uint8Array | Uint8ClampedArray,
  { planar, samplesPerPixel }: PixelLayout,
  width = 1,
): Uint8Array {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!planar || samplesPerPixel === 1) return plain;
  const parted = new Uint8Array(plain.length);
  const pixels = plain.length / width / samplesPerPixel;
  for (let plane = 0, to = 0; plane < samplesPerPixel; plane++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let byte = 0; byte < width; byte++)
        parted[to++] = plain[(pixel * samplesPerPixel + plane) * width + byte] as number;
    }
  }
  return parted;
}
