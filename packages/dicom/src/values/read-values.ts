import { decodeText } from '../character-sets/decode-text.ts';
import type { Element, ValueElement } from '../data-set/element.ts';
import { hexTag } from '../dictionary/tags.ts';
import { ruleOf, type Vr } from '../dictionary/vr.ts';

/** AE, CS and the like: PS3.5 6.2 calls their leading spaces insignificant. */
const TRIMMED: ReadonlySet<Vr> = new Set(['AE', 'CS', 'DS', 'IS']);
const ascii = new TextDecoder('latin1');

type Getter = (view: DataView, at: number, littleEndian: boolean) => number;

const GETTERS: Partial<Record<Vr, { readonly bytes: number; readonly get: Getter }>> = {
  US: { bytes: 2, get: (view, at, little) => view.getUint16(at, little) },
  SS: { bytes: 2, get: (view, at, little) => view.getInt16(at, little) },
  UL: { bytes: 4, get: (view, at, little) => view.getUint32(at, little) },
  SL: { bytes: 4, get: (view, at, little) => view.getInt32(at, little) },
  FL: { bytes: 4, get: (view, at, little) => view.getFloat32(at, little) },
  FD: { bytes: 8, get: (view, at, little) => view.getFloat64(at, little) },
  OB: { bytes: 1, get: (view, at) => view.getUint8(at) },
  UN: { bytes: 1, get: (view, at) => view.getUint8(at) },
  OW: { bytes: 2, get: (view, at, little) => view.getUint16(at, little) },
  OL: { bytes: 4, get: (view, at, little) => view.getUint32(at, little) },
  OF: { bytes: 4, get: (view, at, little) => view.getFloat32(at, little) },
  OD: { bytes: 8, get: (view, at, little) => view.getFloat64(at, little) },
};

/** Every value as text, without padding. */
export function strings(element: Element, characterSets: readonly string[]): readonly string[] {
  if (element.kind !== 'value' || element.bytes.length === 0) return [];
  const { kind } = ruleOf(element.vr);
  if (kind === 'ascii') return asciiValues(element);
  if (kind === 'text' || kind === 'name') return textValues(element, characterSets);
  if (kind === 'tag') return tags(element).map(hexTag);
  if (kind === 'number') return numbers(element).map(String);
  return kind === 'bigint' ? bigints(element).map(String) : [];
}

function asciiValues({ vr, bytes }: ValueElement): readonly string[] {
  const text = asciiText(unpadded(bytes));
  if (text === '') return [];
  const values = ruleOf(vr).several ? text.split('\\') : [text];
  return TRIMMED.has(vr) ? values.map((value) => value.trim()) : values.map(withoutPadding);
}

/** Bytes above ASCII are against the standard; as Latin 1, controls included, they come back when written. */
function asciiText(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte < 0x80)) return ascii.decode(bytes);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function textValues({ vr, bytes }: ValueElement, characterSets: readonly string[]): readonly string[] {
  const { several, kind } = ruleOf(vr);
  const text = decodeText(unpadded(bytes), characterSets, kind === 'name' ? 'name' : several ? 'several' : 'one');
  return text === '' ? [] : (several ? text.split('\\') : [text]).map(withoutPadding);
}

/** Trailing spaces and nulls are padding, whichever the VR asks for. */
function unpadded(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0)) end--;
  return bytes.subarray(0, end);
}

function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === ' ' || text[end - 1] === '\0')) end--;
  return text.slice(0, end);
}

/** Every value as a number; bytes left over at the end are not a value. */
export function numbers(element: Element): readonly number[] {
  if (element.kind !== 'value') return [];
  if (element.vr === 'IS' || element.vr === 'DS') return asciiValues(element).map(numberOf);
  if (element.vr === 'AT') return tags(element);
  const getter = GETTERS[element.vr];
  if (getter === undefined) return ruleOf(element.vr).unit === 8 ? bigints(element).map(Number) : [];
  const view = viewOf(element.bytes);
  const values = new Array<number>(Math.floor(view.byteLength / getter.bytes));
  for (let i = 0; i < values.length; i++) values[i] = getter.get(view, i * getter.bytes, element.littleEndian);
  return values;
}

/** PS3.5 6.2: IS and DS are decimal; JavaScript's own empty, hexadecimal and binary forms are none. */
function numberOf(text: string): number {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

/** 64-bit integers of SV, UV and OV. */
export function bigints(element: Element): readonly bigint[] {
  if (element.kind !== 'value' || !['SV', 'UV', 'OV'].includes(element.vr)) return [];
  const view = viewOf(element.bytes);
  return Array.from({ length: Math.floor(view.byteLength / 8) }, (_, i) =>
    element.vr === 'SV'
      ? view.getBigInt64(i * 8, element.littleEndian)
      : view.getBigUint64(i * 8, element.littleEndian),
  );
}

/** AT: a group and an element number, each in the byte order of the data set. */
function tags({ bytes, littleEndian }: ValueElement): number[] {
  const view = viewOf(bytes);
  return Array.from(
    { length: Math.floor(bytes.length / 4) },
    (_, i) => view.getUint16(i * 4, littleEndian) * 0x10000 + view.getUint16(i * 4 + 2, littleEndian),
  );
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
