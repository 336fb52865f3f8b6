import { decode } from 'jpeg-js';
import { pictureError, type Samples } from './samples.ts';

const LIMITS = { maxResolutionInMP: 500, maxMemoryUsageInMB: 4096 };
/** Markers of a frame's header: all of 0xc0 to 0xcf but tables (c4), extensions (c8) and arithmetic coding (cc). */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const START_OF_SCAN = 0xda;

/**
 * Decodes a JPEG file, baseline or progressive, grey or colour; what it says of its orientation is passed over.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED, LIMIT_EXCEEDED beyond 500 megapixels
 */
export function readJpeg(bytes: Uint8Array, file?: string): Samples {
  const channels = jpegChannels(bytes, file);
  // The decoder fills in what is missing without a word.
  const end = bytes.subarray(-64);
  if (!end.some((byte, i) => byte === 0xff && end[i + 1] === 0xd9))
    throw pictureError('FILE_TRUNCATED', { what: 'end of the JPEG' }, file);
  const { width, height, data } = decoded(bytes, file);
  if (channels === 3) return { width, height, channels, bits: 8, data };
  return { width, height, channels: 1, bits: 8, data: data.filter((_, i) => i % 3 === 0) };
}

function decoded(bytes: Uint8Array, file: string | undefined): { width: number; height: number; data: Uint8Array } {
  try {
    return decode(bytes, { ...LIMITS, useTArray: true, formatAsRGBA: false, tolerantDecoding: false });
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : 'damaged';
    const limit = /maxResolution|maxMemory/.test(got);
    throw pictureError(limit ? 'LIMIT_EXCEEDED' : 'FILE_FORMAT', { what: 'JPEG', got, cause }, file);
  }
}

/**
 * 1 for grey, 3 for colour, by the header.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED
 * @source ITU-T T.81, B.1 and B.2.2
 */
export function jpegChannels(bytes: Uint8Array, file?: string): 1 | 3 {
  const start = bytes.length > 2 && bytes[0] === 0xff && bytes[1] === 0xd8;
  if (!start) throw pictureError('FILE_FORMAT', { what: 'first bytes of the JPEG' }, file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1] as number;
    if (isFrame(marker)) return bytes[at + 9] === 1 ? 1 : 3;
    if (marker === START_OF_SCAN) break;
  }
  throw pictureError('FILE_TRUNCATED', { what: 'header of a frame in the JPEG' }, file);
}
