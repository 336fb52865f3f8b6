import { createHash } from 'node:crypto';
import { type DataSet, type Element, hexTag, showPersonName } from '../packages/dicom/src/index.ts';

const BYTE_VRS = ['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN'];
const NUMBER_VRS = ['IS', 'DS', 'US', 'SS', 'UL', 'SL', 'FL', 'FD'];

/** One line an element, as golden/make/dicom.py writes them: with the hash of the stored bytes, or with the value. */
export function dicomLines(dataSet: DataSet, form: 'stored' | 'values', path = ''): string[] {
  return [...dataSet].flatMap((element) => {
    const name = path + hexTag(element.tag);
    if (element.kind !== 'sequence') {
      const shown = form === 'stored' ? shortHash(storedBytes(element)) : showValue(dataSet, element);
      return [`${name} ${element.vr} ${shown}`];
    }
    const inner = element.items.flatMap((item, i) => dicomLines(item, form, `${name}.${i}.`));
    return form === 'stored' ? [`${name} SQ ${element.items.length}`, ...inner] : inner;
  });
}

export function shortHash(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}

/** Of encapsulated pixel data, all items with their headers. */
function storedBytes(element: Element): Uint8Array {
  if (element.kind === 'value') return element.bytes;
  if (element.kind === 'sequence' || element.stored === undefined) return new Uint8Array(0);
  return element.stored.bytes.subarray(element.stored.encoding.explicit ? 12 : 8, -8);
}

function showValue(dataSet: DataSet, element: Element): string {
  if (BYTE_VRS.includes(element.vr)) return shortHash(storedBytes(element));
  if (element.vr === 'PN') return dataSet.personNames(element.tag).map(showPersonName).join('\\');
  if (!NUMBER_VRS.includes(element.vr)) return dataSet.strings(element.tag).join('\\');
  const texts = dataSet.strings(element.tag);
  return dataSet
    .numbers(element.tag)
    .map((value, i) => (texts[i] === '' ? '' : doubleHex(value)))
    .join('\\');
}

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}
