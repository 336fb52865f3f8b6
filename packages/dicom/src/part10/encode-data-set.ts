import { VesaliusError } from '@vesalius/errors';
import type { DataSet } from '../data-set/data-set.ts';
import type { Element, FragmentsElement, SequenceElement, ValueElement } from '../data-set/element.ts';
import { isPrivate, showTag } from '../dictionary/tags.ts';
import { ruleOf, type Vr } from '../dictionary/vr.ts';
import { joinBytes } from './deflate.ts';
import { type Encoding, EXPLICIT_LITTLE } from './encoding.ts';

const ITEM = 0xfffee000;
const SEQUENCE_END = 0xfffee0dd;
const PIXEL_DATA = 0x7fe00010;
const UNDEFINED_LENGTH = 0xffffffff;

/**
 * Writes the elements of a data set by rising tag. Elements read in the same encoding are written as they were; others with
 * defined lengths. Group lengths, retired since 2008, are left out: PS3.5 7.2.
 *
 * @throws VALUE_INVALID when a value is longer than its length field can say
 */
export function encodeDataSet(dataSet: DataSet, encoding: Encoding): Uint8Array<ArrayBuffer> {
  return joinBytes(elementParts(dataSet, encoding));
}

function elementParts(dataSet: DataSet, encoding: Encoding): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const element of dataSet) {
    if ((element.tag & 0xffff) === 0) continue;
    // One by one: a call takes a limited number of arguments, a sequence has any number of parts.
    for (const part of partsOf(element, encoding, dataSet)) parts.push(part);
  }
  return parts;
}

function partsOf(element: Element, encoding: Encoding, dataSet: DataSet): Uint8Array[] {
  if (element.stored !== undefined && sameEncoding(element.stored.encoding, encoding)) return [element.stored.bytes];
  if (element.kind === 'value') return valueParts(element, encoding, dataSet);
  if (element.kind === 'fragments') return fragmentParts(element, encoding);
  return sequenceParts(element, encoding);
}

function sequenceParts({ tag, items }: SequenceElement, encoding: Encoding): Uint8Array[] {
  const parts = items.flatMap((item) => itemParts(elementParts(item, encoding), encoding));
  if (encoding.explicit || !isPrivate(tag)) return [headerOf(tag, 'SQ', lengthOf(parts), encoding), ...parts];
  // PS3.5 6.2.2: without VRs, only an undefined length shows a reader that an element it does not know holds items.
  return [headerOf(tag, 'SQ', UNDEFINED_LENGTH, encoding), ...parts, delimiter(SEQUENCE_END, 0, encoding)];
}

function sameEncoding(a: Encoding, b: Encoding): boolean {
  return a.explicit === b.explicit && a.littleEndian === b.littleEndian;
}

function valueParts(element: ValueElement, encoding: Encoding, dataSet: DataSet): Uint8Array[] {
  const { tag, vr, bytes, littleEndian } = element;
  const padded = evenBytes(bytes, vr);
  // PS3.5 6.2.2: a value too long for its 16-bit length is written as UN, which is little endian everywhere.
  const tooLong = encoding.explicit && !ruleOf(vr).long && padded.length > 0xfffe;
  const little = tooLong || vr === 'UN' || encoding.littleEndian;
  const value = littleEndian === little || vr === 'UN' ? padded : swapped(padded, swapUnit(element, dataSet));
  return [headerOf(tag, tooLong ? 'UN' : vr, value.length, encoding), value];
}

/** Bytes that change places: those of a value, but of a whole pixel where it is wider than a word. */
function swapUnit({ tag, vr }: ValueElement, dataSet: DataSet): number {
  const wide = tag === PIXEL_DATA && vr === 'OW' ? (dataSet.number('BitsAllocated') ?? 0) / 8 : 0;
  return wide === 4 || wide === 8 ? wide : ruleOf(vr).unit;
}

/** PS3.5 7.1.1, 6.2: text is padded with a space, UIDs and bytes with a null. */
function evenBytes(bytes: Uint8Array, vr: Vr): Uint8Array {
  if (bytes.length % 2 === 0) return bytes;
  const padded = new Uint8Array(bytes.length + 1);
  padded.set(bytes);
  const { kind } = ruleOf(vr);
  if (vr !== 'UI' && (kind === 'ascii' || kind === 'text' || kind === 'name')) padded[bytes.length] = 0x20;
  return padded;
}

function swapped(bytes: Uint8Array, unit: number): Uint8Array {
  if (unit === 1) return bytes;
  const out = new Uint8Array(bytes.length);
  const whole = bytes.length - (bytes.length % unit);
  for (let i = 0; i < whole; i++) out[i] = bytes[i - (i % unit) + unit - 1 - (i % unit)] as number;
  out.set(bytes.subarray(whole), whole);
  return out;
}

/** PS3.5 A.4: the length is undefined. */
function fragmentParts(element: FragmentsElement, encoding: Encoding): Uint8Array[] {
  const header = headerOf(element.tag, element.vr, UNDEFINED_LENGTH, encoding);
  return [header, ...fragmentItems(element, encoding), delimiter(SEQUENCE_END, 0, encoding)];
}

/** The first item is the basic offset table. */
function fragmentItems({ offsetTable, fragments }: FragmentsElement, encoding: Encoding): Uint8Array[] {
  return [offsetTable, ...fragments].flatMap((part) => itemParts([evenBytes(part, 'OB')], encoding));
}

/** The items of encapsulated pixel data, little endian, without the delimiter at their end. */
export function encapsulatedBytes(element: FragmentsElement): Uint8Array {
  return joinBytes(fragmentItems(element, EXPLICIT_LITTLE));
}

/** The value of an element of a data set in little-endian order. */
export function littleBytes(element: ValueElement, dataSet: DataSet): Uint8Array {
  return element.littleEndian ? element.bytes : swapped(element.bytes, swapUnit(element, dataSet));
}

function itemParts(parts: readonly Uint8Array[], encoding: Encoding): Uint8Array[] {
  return [delimiter(ITEM, lengthOf(parts), encoding), ...parts];
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function delimiter(tag: number, length: number, { littleEndian }: Encoding): Uint8Array {
  return headerOf(tag, 'UN', length, { explicit: false, littleEndian });
}

function headerOf(tag: number, vr: Vr, length: number, { explicit, littleEndian }: Encoding): Uint8Array {
  if (length > UNDEFINED_LENGTH) {
    throw new VesaliusError('VALUE_INVALID', {
      what: `length of ${showTag(tag)}`,
      got: length,
      expected: `less than 2^32 - 1`,
    });
  }
  const long = explicit && ruleOf(vr).long;
  const header = new Uint8Array(long ? 12 : 8);
  const view = new DataView(header.buffer);
  view.setUint16(0, tag >>> 16, littleEndian);
  view.setUint16(2, tag & 0xffff, littleEndian);
  if (explicit) header.set([vr.charCodeAt(0), vr.charCodeAt(1)], 4);
  if (explicit && !long) view.setUint16(6, length, littleEndian);
  else view.setUint32(header.length - 4, length, littleEndian);
  return header;
}
