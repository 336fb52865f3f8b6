import { VesaliusError } from '@vesalius/errors';
import { expect, test } from 'vitest';
import { damagedCopies } from '../binary/damaged-copies.ts';
import type { PickleValue } from './pickle-value.ts';
import { unpickle } from './unpickle.ts';

const NOTHING = { global: () => undefined, persistent: (id: PickleValue) => id };
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** `{"a": [1, -2, 2.5, True, None, 300], "b": (1, "ü"), "c": 2**40}` in protocol 2, as Python writes it. */
const PLAIN = bytes(
  '\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xffG@\x04\x00\x00\x00\x00\x00\x00\x88NM,\x01e' +
    'X\x01\x00\x00\x00bq\x03K\x01X\x02\x00\x00\x00\xc3\xbcq\x04\x86q\x05X\x01\x00\x00\x00cq\x06\x8a\x06\x00\x00\x00\x00\x00\x01u.',
);

test('reads plain data', () => {
  const expected = new Map<string, unknown>([
    ['a', [1, -2, 2.5, true, null, 300]],
    ['b', [1, 'ü']],
    ['c', 2 ** 40],
  ]);
  expect(unpickle(PLAIN, NOTHING)).toEqual(expected);
});

test('refuses to name, let alone call, anything it was not given', () => {
  const attack = bytes('\x80\x02cos\nsystem\n(X\x04\x00\x00\x00truetR.');
  const error = { code: 'FILE_UNSUPPORTED', message: expect.stringContaining('os.system') };
  expect(() => unpickle(attack, NOTHING, 'w.pt')).toThrow(expect.objectContaining(error));
  const newer = bytes('\x80\x04\x8c\x08builtins\x8c\x04eval\x93.');
  expect(() => unpickle(newer, NOTHING)).toThrow(/builtins\.eval/);
});

test.each([
  ['an unknown opcode', '\x80\x02i', 'FILE_UNSUPPORTED'],
  ['an empty stack', '\x80\x02.', 'FILE_FORMAT'],
  ['no mark', '\x80\x02t.', 'FILE_FORMAT'],
  ['items for what is no dictionary', '\x80\x02K\x01K\x01K\x01s.', 'FILE_FORMAT'],
  ['a call of data', '\x80\x02K\x01)R.', 'FILE_FORMAT'],
  ['a cut text', '\x80\x02X\xff\xff\xff\xff', 'FILE_TRUNCATED'],
  ['no end', '\x80\x02K\x01', 'FILE_TRUNCATED'],
])('refuses %s', (_, text, code) => {
  expect(() => unpickle(bytes(text), NOTHING)).toThrow(expect.objectContaining({ code }));
});

test('answers damaged pickles with coded errors only', () => {
  for (const copy of damagedCopies(PLAIN, 4000)) {
    try {
      unpickle(copy, NOTHING);
    } catch (error) {
      expect(error).toBeInstanceOf(VesaliusError);
    }
  }
});
