/** A two-byte set: what announces it, and the bytes of each of its letters. */
export interface MultiByteSet {
  /** Its escape sequence and back to ASCII; nothing for a set without code extensions. */
  readonly escape: string;
  readonly back: string;
  readonly bytesOf: (letter: string) => readonly number[] | undefined;
}

interface Plane {
  readonly label: string;
  /** What a pair follows in the platform's table. */
  readonly lead: readonly number[];
  /** Bytes of a pair as the platform's table has them, first and last. */
  readonly first: readonly [number, number];
  readonly second: readonly [number, number];
}

const HIGH = [0xa1, 0xfe] as const;
const EUC_JP: Plane = { label: 'euc-jp', lead: [], first: HIGH, second: HIGH };
const JIS_212: Plane = { ...EUC_JP, lead: [0x8f] };
const KOREAN: Plane = { ...EUC_JP, label: 'euc-kr' };
const CHINESE: Plane = { ...EUC_JP, label: 'gb18030' };
const GBK: Plane = { label: 'gb18030', lead: [], first: [0x81, 0xfe], second: [0x40, 0xfe] };

const tables = new Map<Plane, ReadonlyMap<string, number>>();

/** Every pair of a plane, by its letter: made from the platform's decoder on first use. */
function tableOf(plane: Plane): ReadonlyMap<string, number> {
  const known = tables.get(plane);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(plane.label);
  const table = new Map<string, number>();
  for (let first = plane.first[0]; first <= plane.first[1]; first++) {
    for (let second = plane.second[0]; second <= plane.second[1]; second++) {
      const letter = decoder.decode(Uint8Array.of(...plane.lead, first, second));
      if ([...letter].length === 1 && letter !== '\ufffd' && !table.has(letter))
        table.set(letter, first * 256 + second);
    }
  }
  tables.set(plane, table);
  return table;
}

function pairs(plane: Plane, mask: number): MultiByteSet['bytesOf'] {
  return (letter) => {
    const pair = tableOf(plane).get(letter);
    return pair === undefined ? undefined : [(pair >> 8) & mask, pair & mask];
  };
}

/** Sets with code extensions by registration number: PS3.3 table C.12-4. */
export const EXTENSIONS: Readonly<Record<string, MultiByteSet>> = {
  87: { escape: '\x1b$B', back: '\x1b(B', bytesOf: pairs(EUC_JP, 0x7f) },
  159: { escape: '\x1b$(D', back: '\x1b(B', bytesOf: pairs(JIS_212, 0x7f) },
  149: { escape: '\x1b$)C', back: '', bytesOf: pairs(KOREAN, 0xff) },
  58: { escape: '\x1b$)A', back: '', bytesOf: pairs(CHINESE, 0xff) },
};

/** GBK, and with four bytes GB18030: its letters beyond the two-byte plane follow each other in the order of Unicode. */
export function chineseBytes(letter: string, fourBytes: boolean): readonly number[] | undefined {
  const pair = tableOf(GBK).get(letter);
  if (pair !== undefined) return [pair >> 8, pair & 0xff];
  return fourBytes ? fourByteForm(letter) : undefined;
}

/** Found by halving: the platform's decoder rises with the number of the four bytes, within each of Unicode's two parts. */
function fourByteForm(letter: string): readonly number[] | undefined {
  const code = letter.codePointAt(0) ?? 0;
  // GB18030 puts 0x10000 at 90308130.
  if (code >= 0x10000) return fourBytesOf(189_000 + code - 0x10000);
  let [low, high] = [0, 39_419];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const got = decoded(middle);
    if (got === code) return fourBytesOf(middle);
    if (got < code) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

function fourBytesOf(number: number): number[] {
  return [
    0x81 + Math.floor(number / 12_600),
    0x30 + (Math.floor(number / 1260) % 10),
    0x81 + (Math.floor(number / 10) % 126),
    0x30 + (number % 10),
  ];
}

const gb18030 = new TextDecoder('gb18030');

function decoded(number: number): number {
  return gb18030.decode(Uint8Array.from(fourBytesOf(number))).codePointAt(0) ?? 0;
}
