import { VesaliusError } from '@vesalius/errors';
import { encodeText } from '../character-sets/encode-text.ts';
import { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { dictionaryVrs, showTag, type TagName, tagOf } from '../dictionary/tags.ts';
import { ruleOf, type Vr } from '../dictionary/vr.ts';
import { assertText } from './assert-text.ts';
import { showDecimal } from './decimal.ts';
import { numberBytes } from './number-bytes.ts';
import { type PersonName, showPersonName } from './person-name.ts';

type Single = string | number | bigint | PersonName;

/** What an element can be made from. Numbers for AT are tags; typed arrays are for the VRs OB to OW. */
export type ElementInput = Single | readonly Single[] | ArrayBufferView | readonly DataSet[] | null;

export interface CreateElementOptions {
  /** For private tags, and where the dictionary leaves a choice. */
  readonly vr?: Vr;
  /** The terms of (0008,0005) in whose first text is encoded. */
  readonly characterSets?: readonly string[];
  /** Refuse text that breaks the rules of its VR, such as its length; true without it. */
  readonly check?: boolean;
}

/**
 * An element of a tag or keyword with a value, encoded little endian. An empty list or null is an element without value.
 *
 * @throws VALUE_INVALID when the value does not fit its VR, UNKNOWN_OPTION for an unknown keyword
 */
export function createElement(name: TagName, value: ElementInput, options: CreateElementOptions = {}): Element {
  const tag = tagOf(name);
  const vr = options.vr ?? vrFor(tag, value);
  if (vr === 'SQ') return { kind: 'sequence', tag, vr, items: itemsOf(tag, value) };
  return {
    kind: 'value',
    tag,
    vr,
    bytes: bytesOf({ tag, vr, value, characterSets: options.characterSets ?? [], check: options.check ?? true }),
    littleEndian: true,
  };
}

/** The dictionary's VR; where it leaves a choice, the one that holds the value. */
function vrFor(tag: number, value: ElementInput): Vr {
  const vrs = (dictionaryVrs(tag) ?? '--').split('/');
  if (vrs[0] === '--') throw invalid(tag, 'no VR', 'one, since the dictionary has none');
  if (vrs[0] === 'US')
    return ArrayBuffer.isView(value) && vrs.at(-1) === 'OW'
      ? 'OW'
      : listOf(value).some((one) => Number(one) < 0)
        ? 'SS'
        : 'US';
  return (vrs[0] === 'OB' && vrs.length > 1 && !(value instanceof Uint8Array) ? 'OW' : vrs[0]) as Vr;
}

function itemsOf(tag: number, value: ElementInput): readonly DataSet[] {
  const items = listOf(value);
  if (items.every((item) => item instanceof DataSet)) return items as readonly DataSet[];
  throw invalid(tag, 'another value', 'items');
}

function listOf(value: ElementInput): readonly unknown[] {
  return value === null ? [] : Array.isArray(value) ? value : [value];
}

interface Request {
  readonly tag: number;
  readonly vr: Vr;
  readonly value: ElementInput;
  readonly characterSets: readonly string[];
  readonly check: boolean;
}

function bytesOf(request: Request): Uint8Array {
  const { tag, vr, value } = request;
  const { kind } = ruleOf(vr);
  if (ArrayBuffer.isView(value)) {
    if (kind !== 'bytes') throw invalid(tag, 'bytes', `a value of ${vr}`);
    return littleBytes(value);
  }
  const list = listOf(value);
  if (kind === 'ascii' || kind === 'text' || kind === 'name') return textBytes(request, list);
  if (kind === 'bytes' && list.length > 0) throw invalid(tag, 'another value', 'a typed array');
  const bytes = kind === 'bytes' ? new Uint8Array(0) : numberBytes(vr, list);
  if (bytes === undefined) throw invalid(tag, 'another value', `numbers in the range of ${vr}`);
  return bytes;
}

function littleBytes(value: ArrayBufferView): Uint8Array {
  // Every platform that runs this code is little endian.
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function textBytes({ tag, vr, characterSets, check }: Request, list: readonly unknown[]): Uint8Array {
  const texts = list.map((one) => textOf(tag, vr, one));
  const { several, kind } = ruleOf(vr);
  if (!several && texts.length > 1) throw invalid(tag, `${texts.length} values`, `one value of ${vr}`);
  if (check) for (const text of texts) assertText(tag, vr, text);
  // Unchecked bytes above ASCII are kept as they are read.
  return encodeText(texts.join('\\'), kind !== 'ascii' ? characterSets : check ? [] : ['ISO_IR 100']);
}

function textOf(tag: number, vr: Vr, one: unknown): string {
  if (typeof one === 'string') return one;
  if (vr === 'PN' && typeof one === 'object' && one !== null) return showPersonName(one as PersonName);
  if (vr === 'DS' && typeof one === 'number' && Number.isFinite(one)) return showDecimal(one);
  if (vr === 'IS' && numberBytes('SL', [one])) return String(one);
  throw invalid(tag, typeof one, `a value of ${vr}`);
}

/** Values may be of a patient: a message names the tag alone. */
function invalid(tag: number, got: string, expected: string): VesaliusError {
  return new VesaliusError('VALUE_INVALID', { what: `value of ${showTag(tag)}`, got, expected });
}
