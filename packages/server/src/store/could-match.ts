import { parseDate, parseTime, tagEntry } from '@vesalius/dicom';
import type { MatchKey } from './archive.ts';

/** Whether an attribute can have a value that the key matches, by the rules of its VR: PS3.4 C.2.2.2, PS3.5 6.2. */
export function couldMatch({ tag, value }: MatchKey): boolean {
  const vr = tagEntry(Number.parseInt(tag.slice(-8), 16))?.vrs[0];
  if (/^\**$/.test(value)) return true;
  if (vr === 'UI') return /^[\d.]{1,64}(\\[\d.]{1,64})*$/.test(value);
  if (vr === 'IS') return /^ *[+-]?\d{1,12} *$/.test(value);
  if (vr === 'DA') return isRangeOf(value, parseDate);
  return vr !== 'TM' || isRangeOf(value, parseTime);
}

function isRangeOf(text: string, parse: (text: string) => object | undefined): boolean {
  const ends = text.split('-');
  return (
    ends.length <= 2 && ends.some((end) => end !== '') && ends.every((end) => end === '' || parse(end) !== undefined)
  );
}
