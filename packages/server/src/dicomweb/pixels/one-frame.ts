import {
  decodeFrame,
  type Element,
  type PixelFrame,
  type PixelLayout,
  pixelLayout,
  type RandomAccess,
  readFrame,
  tagOf,
} from '@vesalius/dicom';
import type { OpenInstance } from '../wado/open-header.ts';
import { assertDecodable } from './decoding-limits.ts';

/** Which tell where frames lie in a file, and are wrong of one frame alone. */
const TABLES = ['NumberOfFrames', 'ExtendedOffsetTable', 'ExtendedOffsetTableLengths'] as const;

/** The bytes of a frame as they are stored; the others are not read. @param index - from 0 */
export async function storedFrame({ source, header }: OpenInstance, index: number): Promise<Uint8Array> {
  const layout = pixelLayout(header.dataSet);
  const held = header.dataSet.get(layout.element);
  const native = header.next?.length !== undefined || held?.kind === 'value';
  if (!native || layout.bitsAllocated !== 1) {
    return held?.kind === 'value' ? heldFrame(held.bytes, layout, index) : readFrame(source, header, index);
  }
  return packedFrame({ source, header }, layout, index);
}

/** One frame, decoded. */
export async function pixelsOfFrame(open: OpenInstance, index: number): Promise<PixelFrame> {
  const { header } = open;
  const layout = pixelLayout(header.dataSet);
  assertDecodable(layout);
  const bytes = await storedFrame(open, index);
  const element = await frameElement(open, layout, bytes);
  const dataSet = header.dataSet.without(...TABLES).with(element);
  return decodeFrame({ dataSet, transferSyntax: header.transferSyntax });
}

async function frameElement(open: OpenInstance, layout: PixelLayout, bytes: Uint8Array): Promise<Element> {
  const { encapsulated, encoding } = open.header.transferSyntax;
  const tag = tagOf(layout.element);
  if (encapsulated && layout.element === 'PixelData')
    return { kind: 'fragments', tag, vr: 'OB', offsetTable: new Uint8Array(0), fragments: [bytes] };
  const vr = layout.element === 'PixelData' ? await pixelVr(open, layout) : FLOATS[layout.element];
  return { kind: 'value', tag, vr, bytes, littleEndian: encoding.littleEndian };
}

const FLOATS = { FloatPixelData: 'OF', DoubleFloatPixelData: 'OD' } as const;

/** Eight bits in big-endian words change places in pairs, so that the VR that the file states counts. */
async function pixelVr({ source, header }: OpenInstance, layout: PixelLayout): Promise<'OB' | 'OW'> {
  const held = header.dataSet.get(layout.element)?.vr;
  if (layout.bitsAllocated > 8 || held === 'OW') return 'OW';
  if (header.transferSyntax.encoding.littleEndian || header.next === undefined) return 'OB';
  const letters = await range(source, header.next.offset - 8, 2);
  return String.fromCharCode(...letters) === 'OW' ? 'OW' : 'OB';
}

/** Of a deflated file the pixels are there already. */
function heldFrame(pixels: Uint8Array, layout: PixelLayout, index: number): Uint8Array {
  const length = pixels.length / layout.frames;
  const whole = (layout.rows * layout.columns * layout.samplesPerPixel * layout.bitsAllocated) / 8;
  const each = Math.min(whole, Math.floor(length));
  return pixels.subarray(index * each, (index + 1) * each);
}

/** Frames of single bits follow each other inside bytes, PS3.5 8.1.1: this one is moved to begin with a byte. */
async function packedFrame({ source, header }: OpenInstance, layout: PixelLayout, index: number): Promise<Uint8Array> {
  const bits = layout.rows * layout.columns * layout.samplesPerPixel;
  const first = index * bits;
  const from = Math.floor(first / 8);
  const to = Math.ceil((first + bits) / 8);
  const held = header.dataSet.bytes(layout.element);
  const bytes = held?.subarray(from, to) ?? (await range(source, (header.next?.offset ?? 0) + from, to - from));
  const shift = first % 8;
  const frame = new Uint8Array(Math.ceil(bits / 8));
  for (let i = 0; i < frame.length; i++)
    frame[i] = ((bytes[i] ?? 0) >> shift) | (((bytes[i + 1] ?? 0) << (8 - shift)) & 0xff);
  const over = frame.length * 8 - bits;
  if (over > 0) frame[frame.length - 1] = (frame.at(-1) ?? 0) & (0xff >> over);
  return frame;
}

async function range(source: RandomAccess, start: number, length: number): Promise<Uint8Array> {
  return new Uint8Array(await source.slice(start, start + length).arrayBuffer());
}
