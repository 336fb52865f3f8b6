import { createElement, DataSet, type Element, showPersonName } from '@vesalius/dicom';
import { VesaliusError } from '@vesalius/errors';

const TEXT = new Set(['PN', 'LO', 'LT', 'SH', 'ST', 'UC', 'UT']);

/**
 * A data set in Unicode with its text in another character set, where that set has every character; as it is where it lacks one, or
 * none is named.
 */
export function inCharacterSet(dataSet: DataSet, terms: readonly string[]): DataSet {
  if (!dataSet.has('SpecificCharacterSet') || terms.length === 0) return dataSet;
  try {
    return new DataSet(reencoded(dataSet, terms)).with(createElement('SpecificCharacterSet', [...terms]));
  } catch (error) {
    if (error instanceof VesaliusError && error.code === 'VALUE_INVALID') return dataSet;
    throw error;
  }
}

function reencoded(dataSet: DataSet, characterSets: readonly string[]): Element[] {
  return [...dataSet].map((element) => {
    const { tag, vr } = element;
    if (element.kind === 'sequence')
      return {
        kind: 'sequence',
        tag,
        vr: 'SQ',
        items: element.items.map((item) => new DataSet(reencoded(item, characterSets))),
      };
    if (!TEXT.has(vr)) return element;
    const values = vr === 'PN' ? dataSet.personNames(tag).map(showPersonName) : dataSet.strings(tag);
    return createElement(tag, [...values], { vr, characterSets, check: false });
  });
}
