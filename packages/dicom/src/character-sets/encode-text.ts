import { VesaliusError } from '@vesalius/errors';
import { upperHalf } from './single-byte.ts';
import { registrationOf, wholeLabel } from './terms.ts';

/** The term that can hold any text. */
export const UNICODE = 'ISO_IR 192';

/**
 * Encodes text in the set of the first term: ASCII, UTF-8 and the one-byte sets. Multi-byte sets besides UTF-8 are only read.
 *
 * @throws VALUE_INVALID when the set lacks a character; `ISO_IR 192` has them all
 */
export function encodeText(text: string, terms: readonly string[]): Uint8Array<ArrayBuffer> {
  const term = terms[0] ?? '';
  if (/^[\0-\x7f]*$/.test(text) || wholeLabel(term) === 'utf-8') return new TextEncoder().encode(text);
  const upper = registrationOf(term) === '' ? undefined : upperHalf(registrationOf(term));
  return Uint8Array.from(text, (letter) => {
    const code = letter.charCodeAt(0);
    if (letter.length === 1 && code < 0x80) return code;
    const place = letter.length === 1 ? (upper?.indexOf(letter) ?? -1) : -1;
    if (place < 0 || letter === '\ufffd') {
      throw new VesaliusError('VALUE_INVALID', {
        what: `a character that ${term || 'the default repertoire'} lacks`,
        expected: `text in that set, or ${UNICODE}`,
      });
    }
    return 0x80 + place;
  });
}
