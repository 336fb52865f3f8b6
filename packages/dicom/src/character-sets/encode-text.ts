import { VesaliusError } from '@vesalius/errors';
import { chineseBytes, EXTENSIONS } from './multi-byte.ts';
import { upperHalf } from './single-byte.ts';
import { registrationOf, wholeLabel } from './terms.ts';

/** The term that can hold any text. */
export const UNICODE = 'ISO_IR 192';

/** Characters before which every set but the first is left: PS3.5 6.1.2.5.3. */
const DELIMITERS = '\\^=\r\n\f\t';

/** Escape sequences of the one-byte sets: PS3.3 table C.12-3. */
const ONE_BYTE_ESCAPES: Readonly<Record<string, string>> = {
  13: '\x1b)I',
  100: '\x1b-A',
  101: '\x1b-B',
  109: '\x1b-C',
  110: '\x1b-D',
  126: '\x1b-F',
  127: '\x1b-G',
  138: '\x1b-H',
  144: '\x1b-L',
  148: '\x1b-M',
  166: '\x1b-T',
  203: '\x1b-b',
};

/**
 * Encodes text in the sets of the terms: ASCII, UTF-8, GBK, GB18030, the one-byte sets, and by the code extensions of ISO 2022
 * those of Japanese, Korean and Chinese.
 *
 * @throws VALUE_INVALID when no set has a character; `ISO_IR 192` has them all
 */
export function encodeText(text: string, terms: readonly string[]): Uint8Array<ArrayBuffer> {
  const term = terms[0] ?? '';
  const whole = wholeLabel(term);
  if (/^[\0-\x7f]*$/.test(text) || whole === 'utf-8') return new TextEncoder().encode(text);
  const bytes: number[] = [];
  if (whole !== undefined) for (const letter of text) bytes.push(...inChinese(letter, term, whole === 'gb18030'));
  else extended(text, terms, bytes);
  return Uint8Array.from(bytes);
}

function inChinese(letter: string, term: string, fourBytes: boolean): readonly number[] {
  const code = letter.charCodeAt(0);
  return code < 0x80 ? [code] : (chineseBytes(letter, fourBytes) ?? lacking(term));
}

/** PS3.5 6.1.2.5: the first term's set, and by escape those of the others, each until the next delimiter. */
function extended(text: string, terms: readonly string[], bytes: number[]): void {
  const registrations = terms.length > 1 ? terms.map(registrationOf) : [registrationOf(terms[0] ?? '')];
  const first = registrations[0] ?? '';
  let current = first;
  const write = (sequence: string): unknown => bytes.push(...Array.from(sequence, (letter) => letter.charCodeAt(0)));
  const leave = (): void => {
    if (current === first) return;
    write(EXTENSIONS[current]?.back ?? '');
    current = first;
  };
  for (const letter of text) {
    const code = letter.charCodeAt(0);
    if (code < 0x80) {
      // A set of the lower half takes ASCII's place; before a delimiter every other set ends.
      if (DELIMITERS.includes(letter) || EXTENSIONS[current]?.back) leave();
      bytes.push(code);
      continue;
    }
    const set =
      [current, ...registrations].find((one) => bytesIn(one, letter) !== undefined) ?? lacking(terms.join('\\'));
    if (set !== current) {
      write(EXTENSIONS[current]?.back ?? '');
      write(EXTENSIONS[set]?.escape ?? ONE_BYTE_ESCAPES[set] ?? '');
      current = set;
    } else if (bytes.length === 0 && EXTENSIONS[set]) write(EXTENSIONS[set].escape);
    bytes.push(...(bytesIn(set, letter) ?? []));
  }
  if (EXTENSIONS[current]?.back) write(EXTENSIONS[current]?.back ?? '');
}

function bytesIn(registration: string, letter: string): readonly number[] | undefined {
  const extension = EXTENSIONS[registration];
  if (extension !== undefined) return extension.bytesOf(letter);
  const place = registration === '' || letter === '\ufffd' ? -1 : (upperHalf(registration)?.indexOf(letter) ?? -1);
  return place < 0 ? undefined : [0x80 + place];
}

function lacking(terms: string): never {
  throw new VesaliusError('VALUE_INVALID', {
    what: `a character that ${terms || 'the default repertoire'} lacks`,
    expected: `text in that set, or ${UNICODE}`,
  });
}
