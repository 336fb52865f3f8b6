import type { ByteCursor } from './byte-cursor.ts';
import {
  type CommonExtendedNegotiation,
  type ExtendedNegotiation,
  ITEM,
  type RoleSelection,
  type UserInformation,
} from './pdu.ts';

// One sub-item of each kind that names a SOP class, for each of 128 contexts, and the single ones.
const MAX_SUB_ITEMS = 3 * 128 + 64;

type Writable = {
  -readonly [K in keyof UserInformation]: UserInformation[K];
} & { roles: RoleSelection[]; extended: ExtendedNegotiation[]; commonExtended: CommonExtendedNegotiation[] };

const READERS: Record<number, (into: Writable, value: ByteCursor) => void> = {
  [ITEM.MAX_LENGTH]: (into, value) => {
    into.maxLength = value.uint32();
  },
  [ITEM.IMPLEMENTATION_CLASS]: (into, value) => {
    into.implementationClassUid = value.text();
  },
  [ITEM.ASYNC_OPERATIONS]: (into, value) => {
    into.asyncOperations = { invoked: value.uint16(), performed: value.uint16() };
  },
  [ITEM.ROLE_SELECTION]: (into, value) => {
    into.roles.push({ sopClassUid: value.countedText(), scu: value.uint8() === 1, scp: value.uint8() === 1 });
  },
  [ITEM.IMPLEMENTATION_VERSION]: (into, value) => {
    into.implementationVersionName = value.text();
  },
  [ITEM.EXTENDED]: (into, value) => {
    into.extended.push({ sopClassUid: value.countedText(), information: Buffer.from(value.bytes(value.left)) });
  },
  [ITEM.COMMON_EXTENDED]: (into, value) => {
    into.commonExtended.push(commonExtended(value));
  },
  [ITEM.USER_IDENTITY]: (into, value) => {
    const type = value.uint8();
    const positiveResponseRequested = value.uint8() === 1;
    const primary = Buffer.from(value.counted());
    into.userIdentity = { type, positiveResponseRequested, primary, secondary: Buffer.from(value.counted()) };
  },
  [ITEM.USER_IDENTITY_RESPONSE]: (into, value) => {
    into.userIdentityResponse = Buffer.from(value.counted());
  },
};

/**
 * Reads the sub-items of a user-information item; unknown ones are ignored.
 *
 * @throws PEER_PROTOCOL when a field leaves its bounds or there are too many sub-items
 * @source PS3.7 annex D.3.3
 */
export function parseUserInformation(cursor: ByteCursor): UserInformation {
  const into: Writable = { maxLength: 0, implementationClassUid: '', roles: [], extended: [], commonExtended: [] };
  for (const { type, value } of cursor.items(MAX_SUB_ITEMS)) READERS[type]?.(into, value);
  return into;
}

function commonExtended(value: ByteCursor): CommonExtendedNegotiation {
  const sopClassUid = value.countedText();
  const serviceClassUid = value.countedText();
  const relatedSopClassUids: string[] = [];
  // Writers of earlier editions leave the related classes out.
  const related = value.left >= 2 ? value.within(value.uint16()) : undefined;
  while (related && related.left > 0) relatedSopClassUids.push(related.countedText());
  return { sopClassUid, serviceClassUid, relatedSopClassUids };
}
