/** Registration number of a one-byte set -> the platform's label of the whole table: PS3.3 C.12.1.1.2. */
const LABELS: Readonly<Record<string, string>> = {
  101: 'iso-8859-2',
  109: 'iso-8859-3',
  110: 'iso-8859-4',
  126: 'iso-8859-7',
  127: 'iso-8859-6',
  138: 'iso-8859-8',
  144: 'iso-8859-5',
  148: 'windows-1254',
  166: 'windows-874',
  203: 'iso-8859-15',
};
const HALF_WIDTH_KATAKANA = 0xff61;

const upperHalves = new Map<string, string>();

/**
 * The 128 characters above ASCII of a one-byte set. Platforms decode 0x80 to 0x9F as Windows does; the standard has control
 * codes there.
 *
 * @param registration - ISO-IR number, such as `100`; nothing for a set that is not of one byte
 */
export function upperHalf(registration: string): string | undefined {
  const known = upperHalves.get(registration);
  if (known !== undefined) return known;
  const letters = lettersOf(registration);
  if (letters === undefined) return undefined;
  const controls = Array.from({ length: 32 }, (_, i) => String.fromCharCode(0x80 + i)).join('');
  upperHalves.set(registration, controls + letters);
  return controls + letters;
}

function lettersOf(registration: string): string | undefined {
  const codes = Array.from({ length: 96 }, (_, i) => 0xa0 + i);
  if (registration === '100') return String.fromCharCode(...codes);
  if (registration === '13') {
    return codes
      .map((code) => (code > 0xa0 && code < 0xe0 ? String.fromCharCode(HALF_WIDTH_KATAKANA + code - 0xa1) : '\ufffd'))
      .join('');
  }
  const label = LABELS[registration];
  return label === undefined ? undefined : new TextDecoder(label).decode(Uint8Array.from(codes));
}
