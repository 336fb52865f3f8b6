import { UNICODE } from '../character-sets/encode-text.ts';
import { CHARACTER_SET_TAG, type DataSet } from '../data-set/data-set.ts';
import type { Element, FragmentsElement, ValueElement } from '../data-set/element.ts';
import { hexTag } from '../dictionary/tags.ts';
import { ruleOf } from '../dictionary/vr.ts';
import { encapsulatedBytes, littleBytes } from '../part10/encode-data-set.ts';
import { personNames } from '../values/person-name.ts';
import { bigints, numbers, strings } from '../values/read-values.ts';
import { type DicomJson, type JsonElement, type JsonValue, jsonName, jsonNumber, toBase64 } from './json-model.ts';

export interface ToJsonOptions {
  /**
   * Where a client fetches the value of an element; it is put inline where this gives nothing.
   *
   * @param path - tags and item numbers from the outer data set: `['54000100', 0, '54001010']`
   */
  readonly bulkDataUri?: (element: Element, path: readonly (string | number)[]) => string | undefined;
}

/** Digits that any decimal keeps when a reader takes it for a double. */
const SAFE_DIGITS = 15;
const MOST_CHARACTERS = 64;

/**
 * A data set in the DICOM JSON model. Text becomes Unicode, so a character set becomes `ISO_IR 192`; decimals that a double
 * cannot hold stay text; group lengths are left out: PS3.18 F.2.
 */
export function toJson(dataSet: DataSet, options: ToJsonOptions = {}): DicomJson {
  return dataSetJson(dataSet, options, []);
}

function dataSetJson(dataSet: DataSet, options: ToJsonOptions, path: readonly (string | number)[]): DicomJson {
  const entries: [string, JsonElement][] = [];
  for (const element of dataSet) {
    const name = hexTag(element.tag);
    if ((element.tag & 0xffff) !== 0)
      entries.push([name, elementJson(element, dataSet, { options, path: [...path, name] })]);
  }
  return Object.fromEntries(entries);
}

interface Place {
  readonly options: ToJsonOptions;
  readonly path: readonly (string | number)[];
}

function elementJson(element: Element, dataSet: DataSet, { options, path }: Place): JsonElement {
  const { vr } = element;
  if (element.kind === 'sequence') {
    const items = element.items.map((item, i) => dataSetJson(item, options, [...path, i]));
    return items.length === 0 ? { vr } : { vr, Value: items };
  }
  const uri = options.bulkDataUri?.(element, path);
  if (uri !== undefined) return { vr, BulkDataURI: uri };
  if (element.tag === CHARACTER_SET_TAG) return { vr, Value: [UNICODE] };
  if (element.kind === 'fragments' || ruleOf(vr).kind === 'bytes') return binaryJson(element, dataSet);
  const values = valuesJson(element, dataSet.characterSets);
  return values.length === 0 ? { vr } : { vr, Value: values };
}

function binaryJson(element: ValueElement | FragmentsElement, dataSet: DataSet): JsonElement {
  const bytes = element.kind === 'value' ? littleBytes(element, dataSet) : encapsulatedBytes(element);
  return bytes.length === 0 ? { vr: element.vr } : { vr: element.vr, InlineBinary: toBase64(bytes) };
}

function valuesJson(element: ValueElement, characterSets: readonly string[]): readonly JsonValue[] {
  const { vr } = element;
  if (vr === 'PN') return personNames(element, characterSets).map((name) => orNull(jsonName(name)));
  if (vr === 'IS' || vr === 'DS') return strings(element, []).map(decimalJson);
  if (vr === 'SV' || vr === 'UV') return bigints(element).map(integerJson);
  if (ruleOf(vr).kind === 'number') return numbers(element).map(jsonNumber);
  return strings(element, characterSets).map((text) => (text === '' ? null : text));
}

/** PS3.18 F.2.5: a value that is empty between others is null. */
function orNull<T extends object>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value;
}

function decimalJson(text: string): JsonValue {
  if (text === '') return null;
  // PS3.5 6.2 grants a decimal 16 characters.
  if (text.length > MOST_CHARACTERS) return text;
  const value = Number(text);
  const digits = text.replace(/e.*$/i, '').replaceAll(/\D/g, '').replace(/^0+/, '').length;
  // JSON.stringify would drop the sign of -0.
  return Number.isFinite(value) && digits <= SAFE_DIGITS && !Object.is(value, -0) ? value : text;
}

function integerJson(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
