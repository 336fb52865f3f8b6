import { VesaliusError } from '@vesalius/errors';
import {
  type AssociateAccept,
  type AssociateRequest,
  type CommonExtendedNegotiation,
  type ContextAnswer,
  type DataTransfer,
  ITEM,
  PDU_HEADER_LENGTH,
  PDU_TYPES,
  type Pdu,
  type PresentationDataValue,
  type ProposedContext,
  type RoleSelection,
  type UserIdentity,
  type UserInformation,
} from './pdu.ts';

/**
 * The bytes of one PDU, header included.
 *
 * @throws INVALID_ARGUMENT when a title, name or list does not fit its field
 * @source PS3.8 9.3
 * @parity pynetdicom.pdu.PDU
 */
export function writePdu(pdu: Pdu): Buffer {
  const variable = variableField(pdu);
  const length = variable.reduce((sum, part) => sum + part.length, 0);
  const bytes = Buffer.allocUnsafe(PDU_HEADER_LENGTH + length);
  bytes.writeUInt16BE(PDU_TYPES[pdu.type] << 8, 0);
  bytes.writeUInt32BE(length, 2);
  let at = PDU_HEADER_LENGTH;
  for (const part of variable) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function variableField(pdu: Pdu): Uint8Array[] {
  switch (pdu.type) {
    case 'A-ASSOCIATE-RQ':
      return associate(pdu, pdu.contexts.map(proposedContext));
    case 'A-ASSOCIATE-AC':
      return associate(pdu, pdu.contexts.map(contextAnswer));
    case 'A-ASSOCIATE-RJ':
      return [Buffer.of(0, pdu.result, pdu.source, pdu.reason)];
    case 'P-DATA-TF':
      return dataTransfer(pdu);
    case 'A-ABORT':
      return [Buffer.of(0, 0, pdu.source, pdu.reason)];
    default:
      return [Buffer.alloc(4)];
  }
}

function associate(pdu: AssociateRequest | AssociateAccept, contexts: readonly Buffer[]): Buffer[] {
  return [
    uint16(pdu.protocolVersion),
    uint16(0),
    ...[pdu.calledAeTitle, pdu.callingAeTitle].map(pdu.type === 'A-ASSOCIATE-RQ' ? aeTitle : echoedTitle),
    Buffer.alloc(32),
    item(ITEM.APPLICATION_CONTEXT, text(pdu.applicationContext)),
    ...contexts,
    item(ITEM.USER_INFORMATION, ...userInformation(pdu.userInformation)),
  ];
}

function proposedContext({ id, abstractSyntax, transferSyntaxes }: ProposedContext): Buffer {
  const offered = transferSyntaxes.map((uid) => item(ITEM.TRANSFER_SYNTAX, text(uid)));
  return item(
    ITEM.PROPOSED_CONTEXT,
    Buffer.of(id, 0, 0, 0),
    item(ITEM.ABSTRACT_SYNTAX, text(abstractSyntax)),
    ...offered,
  );
}

function contextAnswer({ id, result, transferSyntax }: ContextAnswer): Buffer {
  return item(ITEM.CONTEXT_ANSWER, Buffer.of(id, 0, result, 0), item(ITEM.TRANSFER_SYNTAX, text(transferSyntax)));
}

function userInformation(user: UserInformation): Buffer[] {
  const { implementationVersionName: version, asyncOperations: async } = user;
  const maxLength = Buffer.alloc(4);
  maxLength.writeUInt32BE(user.maxLength);
  return [
    item(ITEM.MAX_LENGTH, maxLength),
    item(ITEM.IMPLEMENTATION_CLASS, text(user.implementationClassUid)),
    ...(async ? [item(ITEM.ASYNC_OPERATIONS, uint16(async.invoked), uint16(async.performed))] : []),
    ...user.roles.map(roleSelection),
    ...(version === undefined ? [] : [item(ITEM.IMPLEMENTATION_VERSION, text(version))]),
    ...user.extended.map((each) => item(ITEM.EXTENDED, counted(text(each.sopClassUid)), each.information)),
    ...user.commonExtended.map(commonExtended),
    ...(user.userIdentity ? [userIdentity(user.userIdentity)] : []),
    ...(user.userIdentityResponse ? [item(ITEM.USER_IDENTITY_RESPONSE, counted(user.userIdentityResponse))] : []),
  ];
}

function roleSelection({ sopClassUid, scu, scp }: RoleSelection): Buffer {
  return item(ITEM.ROLE_SELECTION, counted(text(sopClassUid)), Buffer.of(Number(scu), Number(scp)));
}

function commonExtended(each: CommonExtendedNegotiation): Buffer {
  const related = counted(Buffer.concat(each.relatedSopClassUids.map((uid) => counted(text(uid)))));
  return item(ITEM.COMMON_EXTENDED, counted(text(each.sopClassUid)), counted(text(each.serviceClassUid)), related);
}

function userIdentity({ type, positiveResponseRequested, primary, secondary }: UserIdentity): Buffer {
  const head = Buffer.of(type, Number(positiveResponseRequested));
  return item(ITEM.USER_IDENTITY, head, counted(primary), counted(secondary));
}

function dataTransfer({ values }: DataTransfer): Uint8Array[] {
  return values.flatMap((value) => [valueHeader(value), value.data]);
}

function valueHeader({ contextId, isCommand, isLast, data }: PresentationDataValue): Buffer {
  const header = Buffer.allocUnsafe(6);
  header.writeUInt32BE(data.length + 2, 0);
  header[4] = contextId;
  // PS3.8 annex E.2: bit 0 command, bit 1 last fragment.
  header[5] = Number(isCommand) | (Number(isLast) << 1);
  return header;
}

function item(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.of(type, 0), counted(Buffer.concat(parts))]);
}

function counted(bytes: Uint8Array): Buffer {
  if (bytes.length > 0xffff)
    throw new VesaliusError('INVALID_ARGUMENT', {
      what: 'item of an A-ASSOCIATE PDU',
      got: `${bytes.length} bytes`,
      expected: 'at most 65535',
    });
  return Buffer.concat([uint16(bytes.length), bytes]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}

/** PS3.8 9.3.3: an acceptance gives back the titles it got, whatever they are. */
function echoedTitle(title: string): Buffer {
  return text(title.slice(0, 16).padEnd(16));
}

function aeTitle(title: string): Buffer {
  // PS3.5 6.2, AE: at most 16 characters, neither empty nor with a backslash or a control character.
  if (!/^[\x20-\x5b\x5d-\x7e]{1,16}$/.test(title) || title.trim() === '')
    throw new VesaliusError('INVALID_ARGUMENT', { what: 'AE title', got: title, expected: '1 to 16 ASCII characters' });
  return text(title.padEnd(16));
}
