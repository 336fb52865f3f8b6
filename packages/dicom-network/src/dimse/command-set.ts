import { VesaliusError } from '@vesalius/errors';

/** Elements of group 0000 by keyword (PS3.6 table 7-1, PS3.7 E.1): element number and value representation. */
const ELEMENTS = {
  CommandGroupLength: [0x0000, 'UL'],
  AffectedSOPClassUID: [0x0002, 'UI'],
  RequestedSOPClassUID: [0x0003, 'UI'],
  CommandField: [0x0100, 'US'],
  MessageID: [0x0110, 'US'],
  MessageIDBeingRespondedTo: [0x0120, 'US'],
  MoveDestination: [0x0600, 'AE'],
  Priority: [0x0700, 'US'],
  CommandDataSetType: [0x0800, 'US'],
  Status: [0x0900, 'US'],
  OffendingElement: [0x0901, 'AT'],
  ErrorComment: [0x0902, 'LO'],
  ErrorID: [0x0903, 'US'],
  AffectedSOPInstanceUID: [0x1000, 'UI'],
  RequestedSOPInstanceUID: [0x1001, 'UI'],
  EventTypeID: [0x1002, 'US'],
  AttributeIdentifierList: [0x1005, 'AT'],
  ActionTypeID: [0x1008, 'US'],
  NumberOfRemainingSuboperations: [0x1020, 'US'],
  NumberOfCompletedSuboperations: [0x1021, 'US'],
  NumberOfFailedSuboperations: [0x1022, 'US'],
  NumberOfWarningSuboperations: [0x1023, 'US'],
  MoveOriginatorApplicationEntityTitle: [0x1030, 'AE'],
  MoveOriginatorMessageID: [0x1031, 'US'],
} as const satisfies Record<string, readonly [number, 'UI' | 'US' | 'UL' | 'AE' | 'LO' | 'AT']>;

type Keyword = keyof typeof ELEMENTS;
interface ValueOf {
  readonly UI: string;
  readonly AE: string;
  readonly LO: string;
  readonly US: number;
  readonly UL: number;
  /** Group in the high half, element in the low. */
  readonly AT: readonly number[];
}

/** A command set: elements of group 0000 under the standard's keywords. */
export type CommandSet = { readonly [K in Keyword]?: ValueOf[(typeof ELEMENTS)[K][1]] | undefined };

/** CommandDataSetType of a message without a data set (PS3.7 E.1). */
export const NO_DATA_SET = 0x0101;

const KEYWORDS = new Map<number, Keyword>(
  (Object.keys(ELEMENTS) as Keyword[]).map((keyword) => [ELEMENTS[keyword][0], keyword]),
);
const HEADER_LENGTH = 8;

/**
 * Writes a command set in implicit little endian, with its group length.
 *
 * @source PS3.7 6.3.1
 * @parity pynetdicom.dsutils.encode
 */
export function writeCommandSet(command: CommandSet): Buffer {
  const present = [...KEYWORDS.values()].filter((each) => each !== 'CommandGroupLength' && command[each] !== undefined);
  const body = Buffer.concat(present.map((keyword) => element(keyword, command[keyword] ?? '')));
  return Buffer.concat([element('CommandGroupLength', body.length), body]);
}

function element(keyword: Keyword, value: string | number | readonly number[]): Buffer {
  const bytes = valueBytes(ELEMENTS[keyword][1], value);
  const header = Buffer.alloc(HEADER_LENGTH);
  header.writeUInt16LE(ELEMENTS[keyword][0], 2);
  header.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

function valueBytes(vr: keyof ValueOf, value: string | number | readonly number[]): Buffer {
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(vr === 'UL' ? 4 : 2);
    bytes.writeUIntLE(value, 0, bytes.length);
    return bytes;
  }
  if (typeof value !== 'string')
    return Buffer.from(Uint16Array.from(value.flatMap((tag) => [tag >>> 16, tag & 0xffff])).buffer);
  const padding = value.length % 2 === 0 ? '' : vr === 'UI' ? '\0' : ' ';
  return Buffer.from(value + padding, 'latin1');
}

/**
 * Reads a command set; elements that are not in the standard's table are ignored.
 *
 * @throws PEER_PROTOCOL when an element leaves its bounds, is of another group, or a number has a wrong length
 * @source PS3.7 6.3.1
 */
export function parseCommandSet(bytes: Buffer): CommandSet {
  const command: Record<string, string | number | number[]> = {};
  for (let at = 0; at < bytes.length; ) {
    if (at + HEADER_LENGTH > bytes.length) refuse('bytes behind the last element', bytes.length - at);
    const length = bytes.readUInt32LE(at + 4);
    const start = at + HEADER_LENGTH;
    if (bytes.readUInt16LE(at) !== 0) refuse('group of an element', bytes.readUInt16LE(at));
    if (length > bytes.length - start) refuse('length of an element', length);
    const keyword = KEYWORDS.get(bytes.readUInt16LE(at + 2));
    if (keyword) command[keyword] = parseValue(ELEMENTS[keyword][1], bytes.subarray(start, start + length));
    at = start + length;
  }
  return command;
}

function parseValue(vr: keyof ValueOf, bytes: Buffer): string | number | number[] {
  if (vr === 'US' || vr === 'UL') {
    if (bytes.length !== (vr === 'US' ? 2 : 4)) refuse(`length of a number of type ${vr}`, bytes.length);
    return bytes.readUIntLE(0, bytes.length);
  }
  if (vr !== 'AT')
    return bytes
      .toString('latin1')
      .replace(/[\0 ]+$/, '')
      .trimStart();
  return Array.from(
    { length: bytes.length >> 2 },
    (_, i) => bytes.readUInt16LE(4 * i) * 0x10000 + bytes.readUInt16LE(4 * i + 2),
  );
}

function refuse(what: string, got: number): never {
  throw new VesaliusError('PEER_PROTOCOL', { what: `command set: ${what}`, got });
}
