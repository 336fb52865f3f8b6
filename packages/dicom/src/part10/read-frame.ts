import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { FragmentsElement } from '../data-set/element.ts';
import { encapsulatedFrame } from '../pixels/encapsulated-frames.ts';
import { nativeFrameBytes, pixelLayout } from '../pixels/pixel-layout.ts';
import { EXPLICIT_LITTLE } from './encoding.ts';
import { parseFragments } from './parse-data-set.ts';
import { type DicomHeader, type RandomAccess, readRange } from './read-header.ts';

const ITEM = 0xfffee000;
const ITEM_HEADER = 8;

/**
 * The stored bytes of one frame, without reading the others: of native pixels its part of the value, of compressed ones its
 * stream. Where an offset table or the fragments' number says where a frame lies only that is read; else all fragments are.
 *
 * @param header - of the same file, by `readDicomHeader`
 * @param index - from 0
 * @throws VALUE_INVALID for a frame that is not there or packed bits that begin inside a byte, FILE_FORMAT for damaged items
 */
export async function readFrame(source: RandomAccess, header: DicomHeader, index: number): Promise<Uint8Array> {
  const layout = pixelLayout(header.dataSet);
  const place = header.next;
  if (place === undefined || !(index >= 0 && index < layout.frames)) {
    throw new VesaliusError('VALUE_INVALID', {
      what: 'frame',
      got: index + 1,
      expected: place === undefined ? 'none' : `1 to ${layout.frames}`,
    });
  }
  if (place.length === undefined)
    return readEncapsulated(source, header.dataSet, { start: place.offset, frames: layout.frames, index });
  const length = nativeFrameBytes(layout);
  const from = index * length;
  if (!Number.isInteger(from))
    throw new VesaliusError('VALUE_INVALID', { what: 'frame of packed bits', got: 'a start inside a byte' });
  return readRange(source, place.offset + from, place.offset + Math.min(Math.ceil(from + length), place.length));
}

interface Request {
  readonly start: number;
  readonly frames: number;
  readonly index: number;
}

async function readEncapsulated(
  source: RandomAccess,
  dataSet: DataSet,
  { start, frames, index }: Request,
): Promise<Uint8Array> {
  const table = await itemAt(source, start);
  if (table === undefined)
    throw new VesaliusError('FILE_FORMAT', { what: `basic offset table at byte ${start}`, got: 'none' });
  const first = start + ITEM_HEADER + table;
  const range = await frameRange(source, dataSet, { start, frames, index, table });
  if (range !== undefined) {
    const items = await readRange(source, first + range.from, range.to === undefined ? source.size : first + range.to);
    const { fragments } = fragmentsOf(items);
    return encapsulatedFrame(
      { kind: 'fragments', tag: 0x7fe00010, vr: 'OB', offsetTable: new Uint8Array(0), fragments },
      dataSet,
      { frames: 1, index: 0 },
    );
  }
  const items = await readRange(source, start, source.size);
  return encapsulatedFrame(fragmentsOf(items, true), dataSet, { frames, index });
}

/** Length of the item at a place; nothing for anything else there. */
async function itemAt(source: RandomAccess, at: number): Promise<number | undefined> {
  const bytes = await readRange(source, at, at + ITEM_HEADER);
  if (bytes.length < ITEM_HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, ITEM_HEADER);
  return view.getUint16(0, true) * 0x10000 + view.getUint16(2, true) === ITEM ? view.getUint32(4, true) : undefined;
}

/** Where the items of a frame lie after the basic offset table, where a table says it. */
async function frameRange(
  source: RandomAccess,
  dataSet: DataSet,
  { start, frames, index, table }: Request & { table: number },
): Promise<{ from: number; to?: number } | undefined> {
  const extended = dataSet.bigints('ExtendedOffsetTable').map(Number);
  const starts =
    extended.length === frames ? extended : await basicTable(source, { at: start + ITEM_HEADER, length: table });
  const from = starts[index];
  if (starts.length !== frames || from === undefined)
    return fragmentRange(source, { first: start + ITEM_HEADER + table, frames, index });
  const to = starts[index + 1];
  return to === undefined ? { from } : { from, to };
}

/** Without a table, where there are as many fragments as frames each is one: their headers alone are read. */
async function fragmentRange(
  source: RandomAccess,
  { first, frames, index }: { first: number; frames: number; index: number },
): Promise<{ from: number; to: number } | undefined> {
  if (frames === 1) return undefined;
  let found: { from: number; to: number } | undefined;
  let count = 0;
  for (let at = first; ; count++) {
    const length = await itemAt(source, at);
    if (length === undefined || count > frames) break;
    const to = at + ITEM_HEADER + length;
    if (count === index) found = { from: at - first, to: to - first };
    at = to;
  }
  return count === frames ? found : undefined;
}

async function basicTable(source: RandomAccess, { at, length }: { at: number; length: number }): Promise<number[]> {
  const bytes = await readRange(source, at, at + length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getUint32(4 * i, true));
}

/** Items as fragments; with `tabled` the first of them is the basic offset table. */
function fragmentsOf(items: Uint8Array, tabled = false): FragmentsElement {
  const element = parseFragments(items, EXPLICIT_LITTLE) as FragmentsElement;
  return tabled ? element : { ...element, fragments: [element.offsetTable, ...element.fragments] };
}
