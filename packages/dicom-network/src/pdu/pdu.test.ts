import { VesaliusError } from '@vesalius/errors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goldenValues, readGolden } from '../../../../golden/read-golden.ts';
import { parsePdu } from './parse-pdu.ts';
import {
  APPLICATION_CONTEXT,
  type AssociateRequest,
  PDU_HEADER_LENGTH,
  type Pdu,
  type UserInformation,
} from './pdu.ts';
import { PduReader } from './pdu-reader.ts';
import { writePdu } from './write-pdu.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const VERIFICATION = '1.2.840.10008.1.1';
const IMPLICIT = '1.2.840.10008.1.2';
const JPEG = '1.2.840.10008.1.2.4.50';
const BASICS = {
  maxLength: 16382,
  implementationClassUid: '1.2.826.0.1.3680043.9.3811',
  roles: [],
  extended: [],
  commonExtended: [],
};
const ROLE = { sopClassUid: CT, scu: false, scp: true };
const COMMON = {
  protocolVersion: 1,
  calledAeTitle: 'ANY-SCP',
  callingAeTitle: 'ECHOSCU',
  applicationContext: APPLICATION_CONTEXT,
};
const REQUEST: AssociateRequest = {
  type: 'A-ASSOCIATE-RQ',
  ...COMMON,
  contexts: [
    { id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] },
    { id: 3, abstractSyntax: CT, transferSyntaxes: [JPEG, '1.2.840.10008.1.2.1', IMPLICIT] },
  ],
  userInformation: BASICS,
};

const GOLDEN: Record<string, Pdu> = {
  request: REQUEST,
  'request with every negotiation': {
    ...REQUEST,
    userInformation: {
      ...BASICS,
      asyncOperations: { invoked: 5, performed: 2 },
      roles: [ROLE],
      implementationVersionName: 'PYNETDICOM_304',
      extended: [{ sopClassUid: CT, information: Buffer.of(2, 0, 3, 0) }],
      commonExtended: [
        {
          sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
          serviceClassUid: '1.2.840.10008.4.2',
          relatedSopClassUids: ['1.2.840.10008.5.1.4.1.1.88.22', '1.2.840.10008.5.1.4.1.1.88.33'],
        },
      ],
      userIdentity: {
        type: 2,
        positiveResponseRequested: true,
        primary: Buffer.from('ada'),
        secondary: Buffer.from('p4ss'),
      },
    },
  },
  acceptance: {
    type: 'A-ASSOCIATE-AC',
    ...COMMON,
    contexts: [
      { id: 1, result: 0, transferSyntax: IMPLICIT },
      { id: 3, result: 4, transferSyntax: JPEG },
    ],
    userInformation: {
      ...BASICS,
      roles: [ROLE],
      implementationVersionName: 'PYNETDICOM_304',
      userIdentityResponse: Buffer.from('ticket'),
    },
  },
  rejection: { type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 7 },
  data: {
    type: 'P-DATA-TF',
    values: [
      { contextId: 1, isCommand: true, isLast: true, data: Buffer.from('command') },
      { contextId: 3, isCommand: false, isLast: true, data: Buffer.from('data set') },
    ],
  },
  'release request': { type: 'A-RELEASE-RQ' },
  'release response': { type: 'A-RELEASE-RP' },
  'abort by the provider': { type: 'A-ABORT', source: 2, reason: 6 },
};

const byte = fc.integer({ min: 0, max: 255 });
const uid = fc
  .array(fc.integer({ min: 1, max: 9999 }), { minLength: 1, maxLength: 12 })
  .map((parts) => parts.join('.'));
const bytes = fc.uint8Array({ maxLength: 40 }).map((each) => Buffer.from(each));
const title = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,15}$/);
const uint16 = fc.integer({ min: 0, max: 0xffff });

const userInformation: fc.Arbitrary<UserInformation> = fc.record(
  {
    maxLength: fc.integer({ min: 0, max: 0xffffffff }),
    implementationClassUid: uid,
    implementationVersionName: title,
    asyncOperations: fc.record({ invoked: uint16, performed: uint16 }),
    roles: fc.array(fc.record({ sopClassUid: uid, scu: fc.boolean(), scp: fc.boolean() }), { maxLength: 4 }),
    extended: fc.array(fc.record({ sopClassUid: uid, information: bytes }), { maxLength: 3 }),
    commonExtended: fc.array(
      fc.record({ sopClassUid: uid, serviceClassUid: uid, relatedSopClassUids: fc.array(uid, { maxLength: 3 }) }),
      { maxLength: 3 },
    ),
    userIdentity: fc.record({ type: byte, positiveResponseRequested: fc.boolean(), primary: bytes, secondary: bytes }),
    userIdentityResponse: bytes,
  },
  { requiredKeys: ['maxLength', 'implementationClassUid', 'roles', 'extended', 'commonExtended'] },
);

const common = {
  protocolVersion: uint16,
  calledAeTitle: title,
  callingAeTitle: title,
  applicationContext: uid,
  userInformation,
};
const id = fc.integer({ min: 0, max: 127 }).map((each) => 2 * each + 1);

/** Any PDU that may be written. */
const arbitraryPdu: fc.Arbitrary<Pdu> = fc.oneof(
  fc.record({
    type: fc.constant('A-ASSOCIATE-RQ' as const),
    ...common,
    contexts: fc.uniqueArray(
      fc.record({ id, abstractSyntax: uid, transferSyntaxes: fc.array(uid, { minLength: 1, maxLength: 4 }) }),
      { selector: (each) => each.id, minLength: 1, maxLength: 6 },
    ),
  }),
  fc.record({
    type: fc.constant('A-ASSOCIATE-AC' as const),
    ...common,
    contexts: fc.array(fc.record({ id, result: byte, transferSyntax: uid }), { maxLength: 6 }),
  }),
  fc.record({ type: fc.constant('A-ASSOCIATE-RJ' as const), result: byte, source: byte, reason: byte }),
  fc.record({
    type: fc.constant('P-DATA-TF' as const),
    values: fc.array(fc.record({ contextId: byte, isCommand: fc.boolean(), isLast: fc.boolean(), data: bytes }), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
  fc.constant({ type: 'A-RELEASE-RQ' } as const),
  fc.constant({ type: 'A-RELEASE-RP' } as const),
  fc.record({ type: fc.constant('A-ABORT' as const), source: byte, reason: byte }),
);

const parse = (bytes: Buffer) => parsePdu(bytes[0] as number, bytes.subarray(PDU_HEADER_LENGTH));

test.each(readGolden('dicom-network/pdus').cases)('reads and writes the $name of pynetdicom', ({ name, expected }) => {
  const bytes = Buffer.from(goldenValues(expected.bytes as never));
  const pdu = GOLDEN[name] as Pdu;
  expect(parse(bytes)).toEqual(pdu);
  expect(writePdu(pdu).toString('hex')).toBe(bytes.toString('hex'));
});

test('reads what it writes', () => {
  fc.assert(
    fc.property(arbitraryPdu, (pdu) => {
      expect(parse(writePdu(pdu))).toEqual(pdu);
    }),
  );
});

test('ignores reserved fields, unknown items and unknown sub-items', () => {
  const bytes = writePdu(REQUEST);
  bytes.fill(0xff, 8, 10).fill(0xff, 42, 74);
  const unknown = Buffer.from([0x99, 0xff, 0, 2, 1, 2]);
  const userItem = bytes.lastIndexOf(Buffer.of(0x50, 0));
  bytes.writeUInt16BE(bytes.readUInt16BE(userItem + 2) + unknown.length, userItem + 2);
  expect(parse(Buffer.concat([bytes, unknown, unknown]))).toEqual(REQUEST);
});

test('takes UIDs that are padded and titles that begin with spaces', () => {
  const bytes = writePdu({ ...REQUEST, applicationContext: `${APPLICATION_CONTEXT}\0`, calledAeTitle: '  ANY-SCP' });
  expect(parse(bytes)).toEqual(REQUEST);
});

test.each([
  ['even', [2]],
  ['doubled', [1, 1]],
  ['missing', []],
])('refuses a request whose context numbers are %s', (_, ids) => {
  const contexts = ids.map((id) => ({ id, abstractSyntax: CT, transferSyntaxes: [IMPLICIT] }));
  expect(() => parse(writePdu({ ...REQUEST, contexts }))).toThrow('PEER_PROTOCOL');
});

test('refuses more items than an association can need', () => {
  const flood = Buffer.alloc(4 * 1000, Buffer.of(0x99, 0, 0, 0));
  expect(() => parse(Buffer.concat([writePdu(REQUEST), flood]))).toThrow('items of a PDU');
});

test.each(['', ' ', 'A\\B', 'SEVENTEEN_LETTERS', 'tab\t', 'naïve'])(
  'does not write the AE title %j',
  (calledAeTitle) => {
    expect(() => writePdu({ ...REQUEST, calledAeTitle })).toThrow('INVALID_ARGUMENT: AE title');
  },
);

test('does not write an item longer than its length field can say', () => {
  const userIdentity = {
    type: 4,
    positiveResponseRequested: false,
    primary: Buffer.alloc(70_000),
    secondary: Buffer.alloc(0),
  };
  expect(() => writePdu({ ...REQUEST, userInformation: { ...BASICS, userIdentity } })).toThrow('INVALID_ARGUMENT');
});

test('every mutation of a PDU is read or refused with a code, and nothing else', () => {
  const mutation = fc.record({
    pdu: arbitraryPdu,
    edits: fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
    cut: fc.nat(),
  });
  const readOrRefused = (bytes: Buffer): boolean => {
    try {
      parse(bytes);
      return true;
    } catch (error) {
      return error instanceof VesaliusError && error.code === 'PEER_PROTOCOL';
    }
  };
  fc.assert(
    fc.property(mutation, ({ pdu, edits, cut }) => {
      const bytes = writePdu(pdu);
      for (const [at, value] of edits) bytes[at % bytes.length] = value;
      return readOrRefused(bytes.subarray(0, PDU_HEADER_LENGTH + (cut % bytes.length))) && readOrRefused(bytes);
    }),
    { numRuns: 1000 },
  );
});

const LIMITS = { associate: 1 << 16, data: 1 << 14 };

function readAll(reader: PduReader, bytes: Buffer, cuts: readonly number[]): Pdu[] {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.flatMap((end, i) => [...reader.read(bytes.subarray(ends[i - 1] ?? 0, end))]);
}

test('finds the same PDUs however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(arbitraryPdu, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 20 }), (pdus, cuts) => {
      const reader = new PduReader(LIMITS);
      expect(readAll(reader, Buffer.concat(pdus.map(writePdu)), cuts)).toEqual(pdus);
      expect(reader.isInsidePdu).toBe(false);
    }),
  );
});

test('a PDU that comes byte by byte is found once', () => {
  const bytes = writePdu({ type: 'A-ABORT', source: 2, reason: 1 });
  const reader = new PduReader(LIMITS);
  const found = [...bytes].map((_, i) => [...reader.read(bytes.subarray(i, i + 1))].length);
  expect(found).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

test.each([
  ['a request', 1, LIMITS.associate + 1],
  ['a request of 4 GB', 1, 0xffffffff],
  ['a request without its fixed fields', 1, 67],
  ['data', 4, LIMITS.data + 1],
  ['data without a fragment', 4, 5],
  ['an abort', 7, 5],
  ['a release', 5, 0],
  ['an unknown type', 0x47, 0x20542f31],
  ['type 0', 0, 4000],
])('refuses the length of %s on its header alone', (_, type, length) => {
  const header = Buffer.alloc(6);
  header[0] = type;
  header.writeUInt32BE(length, 2);
  expect(() => [...new PduReader(LIMITS).read(header)]).toThrow('PEER_PROTOCOL: length of a PDU');
});

test('refuses an unknown type even where its length would do', () => {
  expect(() => [...new PduReader(LIMITS).read(Buffer.from([8, 0, 0, 0, 0, 4, 1, 2, 3, 4]))]).toThrow('type of a PDU');
});
