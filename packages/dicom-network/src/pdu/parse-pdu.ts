import { VesaliusError } from '@vesalius/errors';
import { ByteCursor } from './byte-cursor.ts';
import { parseUserInformation } from './parse-user-information.ts';
import {
  type AssociateAccept,
  type AssociateRequest,
  type ContextAnswer,
  type DataTransfer,
  ITEM,
  PDU_TYPES,
  type Pdu,
  type PresentationDataValue,
  type ProposedContext,
} from './pdu.ts';

// PS3.8 9.3.2.2: context numbers are odd and fit into a byte.
const MAX_CONTEXTS = 128;
const MAX_ITEMS = MAX_CONTEXTS + 64;
const MAX_TRANSFER_SYNTAXES = 256;

/**
 * Reads the variable field of one PDU. Reserved fields and unknown items are ignored, as PS3.8 9.3.1 demands; the data of a
 * P-DATA-TF are views of `variable`.
 *
 * @param type - first byte of the PDU
 * @throws PEER_PROTOCOL for an unknown type, a field that leaves its bounds, missing or too many items
 * @source PS3.8 9.3
 * @parity pynetdicom.pdu.PDU
 */
export function parsePdu(type: number, variable: Uint8Array): Pdu {
  const cursor = new ByteCursor(variable);
  switch (type) {
    case PDU_TYPES['A-ASSOCIATE-RQ']:
      return associateRequest(cursor);
    case PDU_TYPES['A-ASSOCIATE-AC']:
      return associateAccept(cursor);
    case PDU_TYPES['A-ASSOCIATE-RJ']:
      return { type: 'A-ASSOCIATE-RJ', ...threeCodes(cursor) };
    case PDU_TYPES['P-DATA-TF']:
      return dataTransfer(cursor);
    case PDU_TYPES['A-RELEASE-RQ']:
      return { type: 'A-RELEASE-RQ' };
    case PDU_TYPES['A-RELEASE-RP']:
      return { type: 'A-RELEASE-RP' };
    case PDU_TYPES['A-ABORT']: {
      const { source, reason } = threeCodes(cursor);
      return { type: 'A-ABORT', source, reason };
    }
    default:
      throw new VesaliusError('PEER_PROTOCOL', { what: 'type of a PDU', got: type, expected: '1 to 7' });
  }
}

function threeCodes(cursor: ByteCursor): { result: number; source: number; reason: number } {
  cursor.uint8();
  return { result: cursor.uint8(), source: cursor.uint8(), reason: cursor.uint8() };
}

function associateRequest(cursor: ByteCursor): AssociateRequest {
  const contexts: ProposedContext[] = [];
  const common = associate(cursor, ITEM.PROPOSED_CONTEXT, (value) => contexts.push(proposedContext(value)));
  const ids = new Set(contexts.map(({ id }) => id));
  if (contexts.length === 0 || ids.size < contexts.length || [...ids].some((id) => id % 2 === 0))
    throw new VesaliusError('PEER_PROTOCOL', {
      what: 'numbers of the proposed contexts',
      got: contexts.map(({ id }) => id),
      expected: 'odd, each once',
    });
  return { type: 'A-ASSOCIATE-RQ', ...common, contexts };
}

function associateAccept(cursor: ByteCursor): AssociateAccept {
  const contexts: ContextAnswer[] = [];
  const common = associate(cursor, ITEM.CONTEXT_ANSWER, (value) => contexts.push(contextAnswer(value)));
  return { type: 'A-ASSOCIATE-AC', ...common, contexts };
}

function associate(cursor: ByteCursor, contextItem: number, takeContext: (value: ByteCursor) => void) {
  const protocolVersion = cursor.uint16();
  cursor.bytes(2);
  const calledAeTitle = cursor.text(16).trim();
  const callingAeTitle = cursor.text(16).trim();
  cursor.bytes(32);
  let applicationContext = '';
  let userInformation = parseUserInformation(new ByteCursor(Buffer.alloc(0)));
  for (const { type, value } of cursor.items(MAX_ITEMS)) {
    if (type === ITEM.APPLICATION_CONTEXT) applicationContext = value.text();
    else if (type === ITEM.USER_INFORMATION) userInformation = parseUserInformation(value);
    else if (type === contextItem) takeContext(value);
  }
  return { protocolVersion, calledAeTitle, callingAeTitle, applicationContext, userInformation };
}

function proposedContext(cursor: ByteCursor): ProposedContext {
  const id = cursor.uint8();
  cursor.bytes(3);
  let abstractSyntax = '';
  const transferSyntaxes: string[] = [];
  for (const { type, value } of cursor.items(MAX_TRANSFER_SYNTAXES)) {
    if (type === ITEM.ABSTRACT_SYNTAX) abstractSyntax = value.text();
    else if (type === ITEM.TRANSFER_SYNTAX) transferSyntaxes.push(value.text());
  }
  return { id, abstractSyntax, transferSyntaxes };
}

function contextAnswer(cursor: ByteCursor): ContextAnswer {
  const id = cursor.uint8();
  cursor.uint8();
  const result = cursor.uint8();
  cursor.uint8();
  let transferSyntax = '';
  for (const { type, value } of cursor.items(MAX_TRANSFER_SYNTAXES)) {
    if (type === ITEM.TRANSFER_SYNTAX) transferSyntax = value.text();
  }
  return { id, result, transferSyntax };
}

function dataTransfer(cursor: ByteCursor): DataTransfer {
  const values: PresentationDataValue[] = [];
  while (cursor.left > 0) {
    const value = cursor.within(cursor.uint32());
    const contextId = value.uint8();
    const control = value.uint8();
    values.push({
      contextId,
      isCommand: (control & 1) !== 0,
      isLast: (control & 2) !== 0,
      data: value.bytes(value.left),
    });
  }
  return { type: 'P-DATA-TF', values };
}
