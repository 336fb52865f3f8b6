import { UNICODE } from '../character-sets/encode-text.ts';
import { DataSet } from '../data-set/data-set.ts';
import type { Element } from '../data-set/element.ts';
import type { Keyword } from '../dictionary/generated/keyword.ts';
import { dictionaryVrs, tagOf } from '../dictionary/tags.ts';
import { createElement, type ElementInput } from '../values/create-element.ts';

/** A value, items as records or data sets; `undefined` leaves the attribute out, `null` makes it empty. */
export type RecordValue = ElementInput | readonly (DataSetRecord | DataSet)[] | undefined;

/** Attributes by keyword: `{ Rows: 2, PixelSpacing: [1, 1], SegmentSequence: [{ SegmentNumber: 1 }] }`. */
export type DataSetRecord = { readonly [K in Keyword]?: RecordValue };

/**
 * A data set from a plain record: VRs from the dictionary, text in UTF-8, which a data set with text of its own states by
 * `SpecificCharacterSet`.
 *
 * @throws VALUE_INVALID when a value does not fit its VR, UNKNOWN_OPTION for an unknown keyword
 */
export function createDataSet(record: DataSetRecord): DataSet {
  return new DataSet(elementsOf(record), [UNICODE]);
}

function* elementsOf(record: DataSetRecord): Generator<Element> {
  for (const [keyword, value] of Object.entries(record) as [Keyword, RecordValue][]) {
    if (value === undefined) continue;
    if (dictionaryVrs(tagOf(keyword)) === 'SQ') yield createElement(keyword, itemsOf(value));
    else yield createElement(keyword, value as ElementInput, { characterSets: [UNICODE] });
  }
}

function itemsOf(value: RecordValue): ElementInput {
  if (!Array.isArray(value)) return value as ElementInput;
  return value.map((item) => (isRecord(item) ? createDataSet(item) : item)) as readonly DataSet[];
}

function isRecord(item: unknown): item is DataSetRecord {
  return typeof item === 'object' && item !== null && !(item instanceof DataSet);
}
