import { pictureError } from './samples.ts';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly channels: number;
  readonly indexed: boolean;
  readonly interlaced: boolean;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const INDEXED = 3;
/** By colour type: samples a pixel, and the bits a sample may have. */
const COLOUR_TYPES: Readonly<Record<number, { channels: number; bits: readonly number[] }>> = {
  0: { channels: 1, bits: [1, 2, 4, 8, 16] },
  2: { channels: 3, bits: [8, 16] },
  [INDEXED]: { channels: 1, bits: [1, 2, 4, 8] },
  4: { channels: 2, bits: [8, 16] },
  6: { channels: 4, bits: [8, 16] },
};

/** Where the chunk after the header begins. */
export const AFTER_HEADER = 33;

/**
 * @throws FILE_FORMAT, FILE_TRUNCATED
 * @source PNG (W3C), third edition, 11.2.1
 */
export function parsePngHeader(bytes: Uint8Array, file?: string): PngHeader {
  if (SIGNATURE.some((byte, i) => i < bytes.length && bytes[i] !== byte))
    throw pictureError('FILE_FORMAT', { what: 'first bytes of the PNG' }, file);
  if (bytes.length < AFTER_HEADER)
    throw pictureError('FILE_TRUNCATED', { what: 'PNG header', got: bytes.length, expected: AFTER_HEADER }, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [bits = 0, type = 0, compression, filter, interlace = 0] = bytes.subarray(24, 29);
  const known = COLOUR_TYPES[type];
  const sound = width > 0 && height > 0 && known?.bits.includes(bits) && interlace < 2 && !compression && !filter;
  if (!known || !sound) throw pictureError('FILE_FORMAT', { what: 'fields of the PNG header' }, file);
  return { width, height, bits, channels: known.channels, indexed: type === INDEXED, interlaced: interlace === 1 };
}
