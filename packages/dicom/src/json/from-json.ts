import { VesaliusError } from '@vesalius/errors';
import { UNICODE } from '../character-sets/encode-text.ts';
import { CHARACTER_SET_TAG, DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import { showTag, tagEntry } from '../dictionary/tags.ts';
import { isVr, ruleOf, type Vr } from '../dictionary/vr.ts';
import { EXPLICIT_LITTLE } from '../part10/encoding.ts';
import { DEFAULT_LIMITS } from '../part10/limits.ts';
import { parseFragments } from '../part10/parse-data-set.ts';
import { createElement, type ElementInput } from '../values/create-element.ts';
import { type PersonName, showPersonName } from '../values/person-name.ts';
import { fromBase64, numberFromJson } from './json-model.ts';

export interface FromJsonOptions {
  /** Fetches what a BulkDataURI names, little endian; an attribute with one is refused without this. */
  readonly bulkData?: (uri: string, tag: number, vr: Vr) => Uint8Array | Promise<Uint8Array>;
}

const PIXEL_DATA = 0x7fe00010;

/**
 * Reads a data set in the DICOM JSON model; text is stored as UTF-8 where it is not ASCII: PS3.18 F.2.
 *
 * @throws FILE_FORMAT for what is not that model, naming the tag; VALUE_INVALID for a value that its VR cannot store;
 * LIMIT_EXCEEDED for items in items without end
 */
export async function fromJson(json: unknown, options: FromJsonOptions = {}): Promise<DataSet> {
  const dataSet = await readItem(json, options, 0);
  const needsUnicode = dataSet.has(CHARACTER_SET_TAG) || !isAscii(dataSet);
  return needsUnicode ? dataSet.with(createElement(CHARACTER_SET_TAG, UNICODE)) : dataSet;
}

function isAscii(dataSet: DataSet): boolean {
  return [...dataSet].every((element) => {
    if (element.kind === 'sequence') return element.items.every(isAscii);
    const { kind } = ruleOf(element.vr);
    return (
      element.kind !== 'value' || (kind !== 'text' && kind !== 'name') || element.bytes.every((byte) => byte < 0x80)
    );
  });
}

async function readItem(json: unknown, options: FromJsonOptions, depth: number): Promise<DataSet> {
  if (depth > DEFAULT_LIMITS.depth) {
    throw new VesaliusError('LIMIT_EXCEEDED', {
      what: 'depth of DICOM JSON',
      expected: `at most ${DEFAULT_LIMITS.depth}`,
    });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformed('an item', 'an object');
  const elements: Element[] = [];
  for (const [name, member] of Object.entries(json)) {
    if (!/^[\dA-F]{8}$/i.test(name)) throw malformed('a member of an item', 'a tag of eight hexadecimal digits');
    const tag = Number.parseInt(name, 16);
    if ((tag & 0xffff) !== 0) elements.push(await readElement(tag, member, { options, depth }));
  }
  return new DataSet(elements, [UNICODE]);
}

interface Place {
  readonly options: FromJsonOptions;
  readonly depth: number;
}

async function readElement(tag: number, json: unknown, { options, depth }: Place): Promise<Element> {
  if (typeof json !== 'object' || json === null) throw malformed(showTag(tag), 'an object');
  const member = json as Record<string, unknown>;
  const vr = vrOf(tag, member['vr']);
  const binary = await binaryOf(tag, vr, member, options);
  if (binary !== undefined) return binaryElement(tag, vr, binary);
  const values = member['Value'] ?? [];
  if (!Array.isArray(values)) throw malformed(`Value of ${showTag(tag)}`, 'a list');
  if (vr === 'SQ') {
    const items: DataSet[] = [];
    // An item may be null where it is empty.
    for (const item of values) items.push(await readItem(item ?? {}, options, depth + 1));
    return createElement(tag, items, { vr });
  }
  if (tag === CHARACTER_SET_TAG) return createElement(tag, UNICODE);
  return createElement(tag, inputsOf(tag, vr, values), { vr, characterSets: [UNICODE], check: false });
}

function vrOf(tag: number, vr: unknown): Vr {
  const found = vr ?? tagEntry(tag)?.vrs[0] ?? 'UN';
  if (typeof found === 'string' && isVr(found)) return found;
  throw malformed(`vr of ${showTag(tag)}`, 'a value representation');
}

async function binaryOf(
  tag: number,
  vr: Vr,
  member: Record<string, unknown>,
  options: FromJsonOptions,
): Promise<Uint8Array | undefined> {
  const { InlineBinary: inline, BulkDataURI: uri } = member;
  if (inline !== undefined) {
    const bytes = typeof inline === 'string' ? fromBase64(inline) : undefined;
    if (bytes === undefined) throw malformed(`InlineBinary of ${showTag(tag)}`, 'base64');
    return bytes;
  }
  if (uri === undefined) return undefined;
  if (typeof uri !== 'string' || options.bulkData === undefined)
    throw malformed(`BulkDataURI of ${showTag(tag)}`, 'bulk data that can be fetched');
  return options.bulkData(uri, tag, vr);
}

/** Bytes that hold items are encapsulated pixel data. */
function binaryElement(tag: number, vr: Vr, bytes: Uint8Array): Element {
  const itemFirst = bytes[0] === 0xfe && bytes[1] === 0xff && bytes[2] === 0 && bytes[3] === 0xe0;
  if (tag === PIXEL_DATA && vr === 'OB' && itemFirst) return parseFragments(bytes, EXPLICIT_LITTLE);
  return { kind: 'value', tag, vr, bytes, littleEndian: true };
}

function inputsOf(tag: number, vr: Vr, values: readonly unknown[]): ElementInput {
  const { kind } = ruleOf(vr);
  const fail = (): never => {
    throw malformed(`Value of ${showTag(tag)}`, `values of ${vr}`);
  };
  if (kind === 'name') return values.map((value) => nameOf(value) ?? fail());
  if (kind === 'number') return values.map((value) => numberFromJson(value) ?? fail());
  if (kind === 'bigint') return values.map((value) => bigintOf(value) ?? fail());
  if (kind === 'tag')
    return values.map((value) => (/^[\dA-F]{8}$/i.test(String(value)) ? Number.parseInt(String(value), 16) : fail()));
  if (kind === 'bytes') return values.length === 0 ? [] : fail();
  return values.map((value) =>
    value === null ? '' : typeof value === 'string' || typeof value === 'number' ? value : fail(),
  );
}

function nameOf(value: unknown): string | undefined {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return undefined;
  const { Alphabetic = '', Ideographic = '', Phonetic = '' } = value as Record<string, unknown>;
  const groups = [Alphabetic, Ideographic, Phonetic];
  if (!groups.every((group) => typeof group === 'string')) return undefined;
  const [alphabetic, ideographic, phonetic] = groups as [string, string, string];
  return showPersonName({ alphabetic, ideographic, phonetic } satisfies PersonName);
}

function bigintOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? BigInt(value) : undefined;
}

function malformed(what: string, expected: string): VesaliusError {
  return new VesaliusError('FILE_FORMAT', { what: `DICOM JSON: ${what}`, expected });
}
