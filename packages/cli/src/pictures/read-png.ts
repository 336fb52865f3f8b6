import { inflateSync } from 'node:zlib';
import { VesaliusError } from '@vesalius/errors';
import { AFTER_HEADER, type PngHeader, parsePngHeader } from './png-header.ts';
import { pictureError, type Samples } from './samples.ts';

// Deflate cannot shrink data further than this.
const MOST_INFLATION = 1032;

/** Every nth pixel from a first one, along both axes. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
}

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }];
/** Adam7. */
const INTERLACED: readonly Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
];

/**
 * Decodes a PNG file of any colour type, depth and interlacing.
 *
 * @throws FILE_FORMAT, FILE_TRUNCATED
 * @source PNG (W3C), third edition
 */
export function readPng(bytes: Uint8Array, file?: string): Samples {
  const header = parsePngHeader(bytes, file);
  const { width, height, channels, bits, indexed } = header;
  const { palette, parts } = chunksOf(bytes, file);
  if (indexed && !palette) throw pictureError('FILE_FORMAT', { what: 'palette of the PNG', got: 'none' }, file);
  const stored = parts.reduce((sum, part) => sum + part.length, 0);
  const passes = (header.interlaced ? INTERLACED : WHOLE).map((pass) => ({ ...pass, ...sizeOf(pass, header) }));
  const expected = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  if (stored * MOST_INFLATION < expected)
    throw pictureError('FILE_TRUNCATED', { what: 'bytes of pixels in the PNG', got: stored }, file);
  const filtered = inflate(parts, expected, file);
  const data = new (bits === 16 ? Uint16Array : Uint8Array)(width * height * channels);
  let at = 0;
  for (const pass of passes) {
    if (!unfilter(filtered.subarray(at), pass, Math.max(1, (bits * channels) / 8)))
      throw pictureError('FILE_FORMAT', { what: 'filter of a row in the PNG' }, file);
    spread(filtered.subarray(at), pass, { header, data });
    at += pass.rows * (1 + pass.rowBytes);
  }
  return { width, height, channels, bits, data, ...(indexed && palette && { palette }) };
}

/** The palette and the parts of the compressed pixels, as views. */
function chunksOf(
  bytes: Uint8Array,
  file: string | undefined,
): { palette: Uint8Array | undefined; parts: Uint8Array[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  for (let at = AFTER_HEADER; at + 8 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'IEND') return { palette, parts };
    if (end + 4 > bytes.length) break;
    if (type === 'PLTE') palette = bytes.subarray(at + 8, end);
    if (type === 'IDAT') parts.push(bytes.subarray(at + 8, end));
    at = end + 4;
  }
  throw pictureError('FILE_TRUNCATED', { what: 'end of the PNG' }, file);
}

/** Never more than `size` bytes, whatever the data would swell to. */
function inflate(parts: readonly Uint8Array[], size: number, file: string | undefined): Uint8Array {
  try {
    const filtered = new Uint8Array(inflateSync(Buffer.concat(parts), { maxOutputLength: size }));
    if (filtered.length === size) return filtered;
    throw pictureError(
      'FILE_TRUNCATED',
      { what: 'bytes of pixels in the PNG', got: filtered.length, expected: size },
      file,
    );
  } catch (cause) {
    if (cause instanceof VesaliusError) throw cause;
    const early = (cause as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    const what = 'compressed pixels of the PNG';
    throw pictureError(early ? 'FILE_TRUNCATED' : 'FILE_FORMAT', { what, got: 'damaged data', cause }, file);
  }
}

interface PassSize {
  readonly rows: number;
  readonly columns: number;
  /** Without the byte in front that names the filter. */
  readonly rowBytes: number;
}

function sizeOf({ x, y, stepX, stepY }: Pass, { width, height, bits, channels }: PngHeader): PassSize {
  const columns = Math.ceil(Math.max(0, width - x) / stepX);
  const rows = columns === 0 ? 0 : Math.ceil(Math.max(0, height - y) / stepY);
  return { rows, columns, rowBytes: Math.ceil((columns * channels * bits) / 8) };
}

/** Undoes the rows' filters in place; false for an unknown one. Clause 9. */
function unfilter(filtered: Uint8Array, { rows, rowBytes }: PassSize, pixelBytes: number): boolean {
  const length = rowBytes + 1;
  for (let row = 0; row < rows; row++) {
    const start = row * length + 1;
    const filter = filtered[start - 1] as number;
    if (filter > 4) return false;
    for (let i = 0; filter > 0 && i < rowBytes; i++) {
      const left = i < pixelBytes ? 0 : (filtered[start + i - pixelBytes] as number);
      const above = row === 0 ? 0 : (filtered[start + i - length] as number);
      const corner = row === 0 || i < pixelBytes ? 0 : (filtered[start + i - length - pixelBytes] as number);
      const guess =
        filter === 1 ? left : filter === 2 ? above : filter === 3 ? (left + above) >> 1 : paeth(left, above, corner);
      filtered[start + i] = (filtered[start + i] as number) + guess;
    }
  }
  return true;
}

/** Whichever of the three is nearest to left + above - corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

/** Puts the samples of a pass where they belong. */
function spread(
  rows: Uint8Array,
  pass: Pass & PassSize,
  { header: { width, channels, bits }, data }: { header: PngHeader; data: Uint8Array | Uint16Array },
): void {
  for (let row = 0; row < pass.rows; row++) {
    const start = row * (1 + pass.rowBytes) + 1;
    const target = (pass.y + row * pass.stepY) * width;
    for (let column = 0; column < pass.columns; column++) {
      const to = (target + pass.x + column * pass.stepX) * channels;
      for (let c = 0; c < channels; c++) data[to + c] = sampleAt(rows, start, { n: column * channels + c, bits });
    }
  }
}

/** The nth sample of a row that starts at a byte. */
function sampleAt(bytes: Uint8Array, start: number, { n, bits }: { n: number; bits: number }): number {
  if (bits === 8) return bytes[start + n] as number;
  if (bits === 16) return ((bytes[start + 2 * n] as number) << 8) | (bytes[start + 2 * n + 1] as number);
  const at = n * bits;
  return ((bytes[start + (at >> 3)] as number) >> (8 - bits - (at & 7))) & ((1 << bits) - 1);
}
