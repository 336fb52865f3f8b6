import { upperHalf } from './single-byte.ts';
import { registrationOf, wholeLabel } from './terms.ts';

/** Which characters part a value: `name` has `^` and `=` besides the backslash, `one` has none but line ends. */
export type TextForm = 'name' | 'several' | 'one';

const ESCAPE = 0x1b;
const BACKSLASH = 0x5c;
/** TAB, LF, FF, CR. */
const LINE_CODES = [0x09, 0x0a, 0x0c, 0x0d];

/** What an escape sequence puts into the lower (G0) or the upper (G1) half: PS3.3 tables C.12-3, C.12-4. */
const ESCAPES: Readonly<Record<string, { readonly half: 'lower' | 'upper'; readonly set: string }>> = {
  '(B': { half: 'lower', set: '6' },
  '(J': { half: 'lower', set: '14' },
  ')I': { half: 'upper', set: '13' },
  // The 1978 edition of JIS X 0208, not in the standard but in files.
  '$@': { half: 'lower', set: '87' },
  $B: { half: 'lower', set: '87' },
  '$(D': { half: 'lower', set: '159' },
  '$)A': { half: 'upper', set: '58' },
  '$)C': { half: 'upper', set: '149' },
  '-A': { half: 'upper', set: '100' },
  '-B': { half: 'upper', set: '101' },
  '-C': { half: 'upper', set: '109' },
  '-D': { half: 'upper', set: '110' },
  '-F': { half: 'upper', set: '126' },
  '-G': { half: 'upper', set: '127' },
  '-H': { half: 'upper', set: '138' },
  '-L': { half: 'upper', set: '144' },
  '-M': { half: 'upper', set: '148' },
  '-T': { half: 'upper', set: '166' },
  '-b': { half: 'upper', set: '203' },
};

/** Two-byte sets: the label of the platform's table, and what a byte pair needs to be found in it. */
const TWO_BYTES: Readonly<Record<string, { readonly label: string; readonly lead: readonly number[] }>> = {
  58: { label: 'gb18030', lead: [] },
  87: { label: 'euc-jp', lead: [] },
  149: { label: 'euc-kr', lead: [] },
  // Code set 3 of EUC: each pair follows 0x8F.
  159: { label: 'euc-jp', lead: [0x8f] },
};

const decoders = new Map<string, TextDecoder>();

function decode(label: string, bytes: Uint8Array): string {
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    decoder = new TextDecoder(label, { ignoreBOM: true });
    decoders.set(label, decoder);
  }
  return decoder.decode(bytes);
}

/**
 * Decodes text by the terms of (0008,0005), with the code extensions of ISO 2022: PS3.5 6.1.2.5. Bytes that mean nothing
 * become U+FFFD; an empty list is read as Latin 1, which holds the default repertoire.
 */
export function decodeText(bytes: Uint8Array, terms: readonly string[], form: TextForm): string {
  const first = terms[0] ?? '';
  const whole = wholeLabel(first);
  if (whole !== undefined) return decode(whole, bytes);
  if (isAscii(bytes)) return decode('utf-8', bytes);
  return new Iso2022(bytes, registrationOf(first), form).text();
}

/** Plain ASCII without escapes: most text of most files. */
function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80 || byte === ESCAPE) return false;
  return true;
}

class Iso2022 {
  #lower = '6';
  #upper = '100';
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #first: string;
  readonly #form: TextForm;

  constructor(bytes: Uint8Array, first: string, form: TextForm) {
    this.#bytes = bytes;
    this.#first = first;
    this.#form = form;
    this.#reset();
  }

  text(): string {
    let text = '';
    while (this.#at < this.#bytes.length) text += this.#next();
    return text;
  }

  /** PS3.5 6.1.2.5.3: each value, name part and line begins with the set of the first term. */
  #reset(): void {
    this.#lower = this.#first === '13' ? '14' : '6';
    this.#upper = upperHalf(this.#first) !== undefined || this.#first in TWO_BYTES ? this.#first : '100';
  }

  #next(): string {
    const byte = this.#bytes[this.#at] as number;
    if (byte === ESCAPE) return this.#escape();
    if (byte <= 0x20) {
      this.#at++;
      if (LINE_CODES.includes(byte)) this.#reset();
      return String.fromCharCode(byte);
    }
    const set = byte < 0x80 ? this.#lower : this.#upper;
    return set in TWO_BYTES && this.#at + 1 < this.#bytes.length ? this.#pair(set) : this.#single(byte, set);
  }

  #escape(): string {
    for (const length of [3, 2]) {
      const found = ESCAPES[String.fromCharCode(...this.#bytes.subarray(this.#at + 1, this.#at + 1 + length))];
      if (found === undefined) continue;
      this.#at += 1 + length;
      if (found.half === 'lower') this.#lower = found.set;
      else this.#upper = found.set;
      // ESC )I comes with the Roman letters of the same standard or with ASCII, which differ in two signs.
      return '';
    }
    this.#at++;
    return '\u001b';
  }

  #pair(set: string): string {
    const { label, lead } = TWO_BYTES[set] as { label: string; lead: readonly number[] };
    const [one = 0, two = 0] = this.#bytes.subarray(this.#at, this.#at + 2);
    this.#at += 2;
    return decode(label, Uint8Array.of(...lead, one | 0x80, two | 0x80));
  }

  #single(byte: number, set: string): string {
    this.#at++;
    if (byte >= 0x80) return upperHalf(set)?.[byte - 0x80] ?? '\ufffd';
    if (this.#parts(byte)) this.#reset();
    return String.fromCharCode(byte);
  }

  #parts(byte: number): boolean {
    if (this.#form === 'one') return false;
    return byte === BACKSLASH || (this.#form === 'name' && (byte === 0x5e || byte === 0x3d));
  }
}
