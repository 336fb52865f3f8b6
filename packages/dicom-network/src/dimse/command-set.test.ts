import { VesaliusError } from '@vesalius/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goldenValues, readGolden } from '../../../../golden/read-golden.ts';
import { parseCommandSet, writeCommandSet } from './command-set.ts';

test.each(readGolden('dicom-network/command-sets').cases)(
  '$name: the bytes of pydicom, and back',
  ({ options, expected }) => {
    const bytes = Buffer.from(goldenValues(expected.bytes as never));
    expect(writeCommandSet(options).toString('hex')).toBe(bytes.toString('hex'));
    expect(parseCommandSet(bytes)).toEqual({ ...options, CommandGroupLength: bytes.length - 12 });
  },
);

test('ignores elements that the standard does not know', () => {
  const unknown = Buffer.from([0, 0, 1, 0, 2, 0, 0, 0, 0x41, 0x42]);
  expect(parseCommandSet(Buffer.concat([unknown, writeCommandSet({ MessageID: 3 })])).MessageID).toBe(3);
});

test.each([
  ['an element of another group', [8, 0, 0x16, 0, 0, 0, 0, 0]],
  ['a length beyond the end', [0, 0, 0x10, 1, 3, 0, 0, 0, 1, 0]],
  ['a number of three bytes', [0, 0, 0x10, 1, 3, 0, 0, 0, 1, 0, 0]],
  ['half an element', [0, 0, 0x10, 1]],
])('refuses %s', (_, bytes) => {
  expect(() => parseCommandSet(Buffer.from(bytes))).toThrow('PEER_PROTOCOL: command set');
});

test('every string of bytes is read or refused with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(), (noise, at) => {
      const bytes = writeCommandSet({ CommandField: 1, MessageID: 1, AffectedSOPInstanceUID: '1.2.3' });
      bytes.set(noise.subarray(0, 4), at % (bytes.length - 4));
      try {
        parseCommandSet(Buffer.concat([bytes, noise]));
      } catch (error) {
        if (!(error instanceof VesaliusError)) throw error;
      }
    }),
    { numRuns: 1000 },
  );
});
