import type { Code } from '../codes/codes.ts';
import type { DataSet } from '../data-set/data-set.ts';
import type { TagName } from '../dictionary/tags.ts';
import type { DataSetRecord } from './create-data-set.ts';

/** SH holds no more. */
const SHORT = 16;

/** Codes as the items of a code sequence: PS3.3 table 8.8-1. */
export function codeItems(...codes: readonly (Code | undefined)[]): DataSetRecord[] | undefined {
  const items = codes.flatMap((code) => (code === undefined ? [] : [itemOf(code)]));
  return items.length === 0 ? undefined : items;
}

function itemOf({ value, scheme, meaning, version }: Code): DataSetRecord {
  const long = value.length > SHORT;
  return {
    ...(/^(urn|https?):/i.test(value)
      ? { URNCodeValue: value }
      : long
        ? { LongCodeValue: value, CodingSchemeDesignator: scheme }
        : { CodeValue: value, CodingSchemeDesignator: scheme }),
    CodingSchemeVersion: version,
    CodeMeaning: meaning.slice(0, 64),
  };
}

/** The codes of a sequence; items without a value are none. */
export function readCodes(dataSet: DataSet, name: TagName): Code[] {
  return dataSet.items(name).flatMap((item) => {
    const value = item.string('CodeValue') ?? item.string('LongCodeValue') ?? item.string('URNCodeValue');
    const version = item.string('CodingSchemeVersion');
    if (value === undefined) return [];
    const code = {
      value,
      scheme: item.string('CodingSchemeDesignator') ?? '',
      meaning: item.string('CodeMeaning') ?? '',
    };
    return [version === undefined ? code : { ...code, version }];
  });
}
