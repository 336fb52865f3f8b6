import { VesaliusError } from '@vesalius/errors';
import { deflate } from './compression.ts';
import { crc32 } from './crc.ts';

/** An 8-bit picture, row by row from the top left. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: red, green, blue. */
  readonly channels: 1 | 3;
  /** `height * width * channels` values. */
  readonly data: Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const GREY = 0;
const RGB = 2;
const FILTER_UP = 2;

/**
 * Writes a picture as PNG.
 *
 * @throws INVALID_ARGUMENT when the data does not fit the size, or a side is empty
 * @source PNG (W3C), third edition
 */
export async function encodePng(picture: Picture): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, channels, data } = picture;
  const expected = width * height * channels;
  if (data.length !== expected || expected === 0) {
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: `values of a ${width} x ${height} x ${channels} picture`,
      got: data.length,
      expected,
    });
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, channels === 1 ? GREY : RGB, 0, 0, 0], 8);
  const parts = [SIGNATURE, chunk('IHDR', header), chunk('IDAT', await deflate(filteredRows(picture))), chunk('IEND')];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Each row as its difference from the row above: scans compress better so. */
function filteredRows({ width, height, channels, data }: Picture): Uint8Array<ArrayBuffer> {
  const row = width * channels;
  const filtered = new Uint8Array(height * (row + 1));
  for (let y = 0; y < height; y++) {
    const to = y * (row + 1);
    filtered[to] = FILTER_UP;
    for (let x = 0; x < row; x++) {
      const above = y === 0 ? 0 : (data[(y - 1) * row + x] as number);
      filtered[to + 1 + x] = (data[y * row + x] as number) - above;
    }
  }
  return filtered;
}

function chunk(type: string, content = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}
