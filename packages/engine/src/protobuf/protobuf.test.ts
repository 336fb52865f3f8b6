import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage } from './decode-message.ts';
import { encodeMessage } from './encode-message.ts';
import { bigint, bytes, double, float, int, message, repeated, type Schema, string } from './schema.ts';

interface Sample {
  count?: number | undefined;
  exact?: bigint | undefined;
  small?: number | undefined;
  real?: number | undefined;
  text?: string | undefined;
  content?: Uint8Array | undefined;
  inner?: Sample | undefined;
  counts?: number[] | undefined;
  exacts?: bigint[] | undefined;
  reals?: number[] | undefined;
  texts?: string[] | undefined;
  inners?: Sample[] | undefined;
}

const SAMPLE: Schema<Sample> = {
  count: int(1),
  exact: bigint(2),
  small: float(3),
  real: double(4),
  text: string(15),
  content: bytes(16),
  inner: message(2047, () => SAMPLE),
  counts: repeated(int(2048)),
  exacts: repeated(bigint(9)),
  reals: repeated(double(10)),
  texts: repeated(string(11)),
  inners: repeated(message(12, () => SAMPLE)),
};

const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 4 });
const { sample } = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.record(
    {
      count: fc.maxSafeInteger(),
      exact: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      small: fc.float({ noNaN: true }),
      real: fc.double({ noNaN: true }),
      text: fc.string({ unit: 'binary' }),
      content: fc.uint8Array(),
      inner: tie('sample'),
      counts: list(fc.maxSafeInteger()),
      exacts: list(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      reals: list(fc.double({ noNaN: true })),
      texts: list(fc.string({ unit: 'binary' })),
      inners: fc.array(tie('sample'), { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
}));

test('reads back what it wrote', () => {
  fc.assert(
    fc.property(sample, (value) => {
      expect(decodeMessage(encodeMessage(value, SAMPLE), SAMPLE)).toEqual(value);
    }),
  );
});

test('writes what the encoding guide prints', () => {
  expect(encodeMessage({ count: 150 }, SAMPLE)).toEqual(Uint8Array.of(0x08, 0x96, 0x01));
  expect(encodeMessage({ count: -2 }, SAMPLE)).toEqual(Uint8Array.of(0x08, 0xfe, ...new Array(8).fill(0xff), 0x01));
  expect(encodeMessage({ text: 'testing' }, SAMPLE)).toEqual(Uint8Array.of(0x7a, 0x07, ...Buffer.from('testing')));
});

test('keeps the ends of int64, which numbers cannot hold', () => {
  const exact: Schema<{ exact?: bigint }> = { exact: bigint(1) };
  const count: Schema<{ count?: number }> = { count: int(1) };
  const most = encodeMessage({ exact: 2n ** 63n - 1n }, exact);
  expect(encodeMessage({ count: 2 ** 63 }, count)).toEqual(most);
  expect(encodeMessage(decodeMessage(most, count), count)).toEqual(most);
  const least = encodeMessage({ exact: -(2n ** 63n) }, exact);
  expect(encodeMessage(decodeMessage(least, count), count)).toEqual(least);
});

test('reads repeated numbers packed, unpacked and mixed', () => {
  const counts: Schema<{ counts?: number[] }> = { counts: repeated(int(1)) };
  expect(decodeMessage(Uint8Array.of(0x08, 1, 0x0a, 2, 2, 3, 0x08, 4), counts)).toEqual({ counts: [1, 2, 3, 4] });
});

test('passes over fields it does not know', () => {
  const whole = encodeMessage({ count: 1, real: 2, small: 3, text: 'x', inner: { count: 4 } }, SAMPLE);
  const textOnly: Schema<{ text?: string }> = { text: string(15) };
  expect(decodeMessage(whole, textOnly)).toEqual({ text: 'x' });
});

test('reads bytes as views', () => {
  const whole = encodeMessage({ content: Uint8Array.of(1, 2) }, SAMPLE);
  expect(decodeMessage(whole, SAMPLE).content?.buffer).toBe(whole.buffer);
});

test.each([
  ['a cut field', [0x7a, 5, 1], 'FILE_TRUNCATED'],
  ['a cut varint', [0x08, 0x80], 'FILE_TRUNCATED'],
  ['a varint of eleven bytes', [0x08, ...new Array(11).fill(0x80)], 'FILE_FORMAT'],
  ['field number 0', [0x00, 1], 'FILE_FORMAT'],
  ['a group', [0x0b, 0x0c], 'FILE_FORMAT'],
  ['a message where a number belongs', [0x0a, 1, 1], 'FILE_FORMAT'],
  ['a field that leaves its message', [0x62, 2, 0x7a, 5, 0x08, 1, 0x08, 1, 0x08, 1], 'FILE_FORMAT'],
])('refuses %s', (_, content, code) => {
  expect(() => decodeMessage(Uint8Array.from(content), SAMPLE)).toThrow(expect.objectContaining({ code }));
});

test('refuses messages nested without end', () => {
  let value: Sample = {};
  for (let depth = 0; depth < 102; depth++) value = { inner: value };
  expect(() => decodeMessage(encodeMessage(value, SAMPLE), SAMPLE)).toThrow(
    expect.objectContaining({ code: 'FILE_FORMAT' }),
  );
});

test.each([0.5, Number.NaN])('refuses to write %d as an integer', (count) => {
  expect(() => encodeMessage({ count }, SAMPLE)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
