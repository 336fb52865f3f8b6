import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';
import { encodeText } from './encode-text.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Examples of PS3.5 annexes H to K: terms, stored bytes, text. */
const EXAMPLES: [string, string[], string, string][] = [
  [
    'H.3.1',
    ['', 'ISO 2022 IR 87'],
    'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B',
    'Yamada^Tarou=山田^太郎=やまだ^たろう',
  ],
  [
    'H.3.2',
    ['ISO 2022 IR 13', 'ISO 2022 IR 87'],
    '\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J=\x1b$B$d$^$@\x1b(J^\x1b$B$?$m$&\x1b(J',
    'ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう',
  ],
  [
    'I.2',
    ['', 'ISO 2022 IR 149'],
    'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf',
    'Hong^Gildong=洪^吉洞=홍^길동',
  ],
  ['J.1', ['ISO_IR 192'], 'Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1=', 'Wang^XiaoDong=王^小東='],
  ['J.2', ['GB18030'], 'Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=', 'Wang^XiaoDong=王^小东='],
  ['K.2', ['', 'ISO 2022 IR 58'], 'Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=', 'Zhang^XiaoDong=张^小东='],
];

test.each(EXAMPLES)('example %s of PS3.5', (_, terms, stored, text) => {
  expect(decodeText(bytes(stored), terms, 'name')).toBe(text);
});

test('a delimiter ends the set that an escape brought, unless it is half of a character', () => {
  expect(decodeText(bytes('\x1b-F\xe1\\\xe1'), ['ISO 2022 IR 100', 'ISO 2022 IR 126'], 'several')).toBe('α\\á');
  // 0x5C is the second byte of a JIS and of a GB18030 character here.
  expect(decodeText(bytes('\x1b$B!\x5c\x1b(B'), ['', 'ISO 2022 IR 87'], 'several')).toBe('＋');
  expect(decodeText(bytes('\x81\x5c\\A'), ['GB18030'], 'several')).toBe(
    '乗\\A'.replace('乗', new TextDecoder('gb18030').decode(bytes('\x81\x5c'))),
  );
  expect(decodeText(bytes('\x1b-F\xe1\\\xe1'), ['', 'ISO 2022 IR 126'], 'one')).toBe('α\\α');
});

test('bytes from 0x80 to 0x9F are control codes in one-byte sets, and a byte order mark is kept', () => {
  expect(decodeText(Uint8Array.of(0x80, 0x9f), ['ISO_IR 100'], 'one')).toBe('\u0080\u009f');
  expect(decodeText(bytes('\xef\xbb\xbfA'), ['ISO_IR 192'], 'one')).toBe('\ufeffA');
});

test.each([
  ['ISO_IR 100', 'é'],
  ['ISO_IR 101', 'ł'],
  ['ISO_IR 109', 'ħ'],
  ['ISO_IR 110', 'ķ'],
  ['ISO_IR 144', 'Ж'],
  ['ISO_IR 127', 'ق'],
  ['ISO_IR 126', 'Δ'],
  ['ISO_IR 138', 'ש'],
  ['ISO_IR 148', 'ğ'],
  ['ISO_IR 13', 'ﾔ'],
  ['ISO_IR 166', 'น'],
  ['ISO_IR 203', '€'],
  ['ISO_IR 192', '山'],
  ['iso-ir 100', 'é'],
])('%s holds %s in both directions', (term, letter) => {
  const stored = encodeText(`A${letter}`, [term]);
  expect(decodeText(stored, [term], 'one')).toBe(`A${letter}`);
  expect(stored.length).toBe(term === 'ISO_IR 192' ? 4 : 2);
});

test('text that the set lacks is refused', () => {
  expect(() => encodeText('山', ['ISO_IR 100'])).toThrow('VALUE_INVALID');
  expect(() => encodeText('é', [])).toThrow('VALUE_INVALID');
  expect(() => encodeText('é', ['', 'ISO 2022 IR 149'])).toThrow('VALUE_INVALID');
  expect(() => encodeText('𠀀', ['GBK'])).toThrow('VALUE_INVALID');
});

test.each(EXAMPLES)('example %s of PS3.5 is read as it was after it was written', (_, terms, __, text) => {
  expect(decodeText(encodeText(text, terms), terms, 'name')).toBe(text);
});

test.each([
  ['H.3.1', EXAMPLES[0]],
  ['J.2', EXAMPLES[4]],
] as const)('example %s of PS3.5 is written byte for byte', (_, example) => {
  const [, terms, stored, text] = example as (typeof EXAMPLES)[0];
  expect(Buffer.from(encodeText(text, terms))).toEqual(Buffer.from(bytes(stored)));
});

test.each([
  [['', 'ISO 2022 IR 87'], '山田 (A) 太郎\\川 B'],
  [['ISO 2022 IR 13', 'ISO 2022 IR 87'], 'ﾔﾏ山ﾀﾞ'],
  [['', 'ISO 2022 IR 87', 'ISO 2022 IR 159'], '山丂A'],
  [['', 'ISO 2022 IR 149'], '김희중 Kim\\한'],
  [['', 'ISO 2022 IR 58'], '张 三\\a李'],
  [['ISO 2022 IR 100', 'ISO 2022 IR 126'], 'éα\\é'],
  [['ISO 2022 IR 100', 'ISO 2022 IR 144'], 'Jürgen Иван Jürgen'],
  [['GB18030'], '王𠀀é€ẞ\\乗A'],
  [['GBK'], '王小東\\乗'],
])('text in the sets %j comes back', (terms, text) => {
  expect(decodeText(encodeText(text, terms), terms, 'several')).toBe(text);
});

test('GB18030 holds any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // Halves of surrogate pairs and private letters are none, and U+FFFD is what unreadable bytes become.
      fc.pre(text.isWellFormed() && !/[\ufffd\ue000-\uf8ff]/.test(text));
      expect(decodeText(encodeText(text, ['GB18030']), ['GB18030'], 'one')).toBe(text);
    }),
  );
});

test('any text is the same after UTF-8, and any bytes are some text in every set', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      (text) => decodeText(encodeText(text, ['ISO_IR 192']), ['ISO_IR 192'], 'one') === text,
    ),
  );
  const terms = fc.constantFrom(
    '',
    'ISO 2022 IR 13',
    'ISO 2022 IR 87',
    'ISO 2022 IR 149',
    'ISO 2022 IR 58',
    'ISO_IR 166',
    'GBK',
    'nonsense',
  );
  fc.assert(fc.property(fc.uint8Array(), terms, (some, term) => typeof decodeText(some, [term], 'name') === 'string'));
});
