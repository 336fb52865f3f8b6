/** One row of the proposal: a service and the encodings its proposer can speak, preferred first. */
export interface ProposedContext {
  /** Odd, 1 to 255, unique within the association. */
  readonly id: number;
  readonly abstractSyntax: string;
  readonly transferSyntaxes: readonly string[];
}

/** Results of PS3.8 table 9-18; 0 is acceptance. */
export const CONTEXT_RESULT = {
  ACCEPTED: 0,
  USER_REJECTION: 1,
  NO_REASON: 2,
  ABSTRACT_SYNTAX_NOT_SUPPORTED: 3,
  TRANSFER_SYNTAXES_NOT_SUPPORTED: 4,
} as const;

/** The answer to one proposed context; the transfer syntax means something only where the result is 0. */
export interface ContextAnswer {
  readonly id: number;
  readonly result: number;
  readonly transferSyntax: string;
}

/** Who plays which part of a service (PS3.7 D.3.3.4); true is a one in the sub-item. */
export interface RoleSelection {
  readonly sopClassUid: string;
  readonly scu: boolean;
  readonly scp: boolean;
}

/** What only one SOP class understands (PS3.7 D.3.3.5). */
export interface ExtendedNegotiation {
  readonly sopClassUid: string;
  readonly information: Uint8Array;
}

/** Says of an unknown SOP class to which service it belongs (PS3.7 D.3.3.6). */
export interface CommonExtendedNegotiation {
  readonly sopClassUid: string;
  readonly serviceClassUid: string;
  readonly relatedSopClassUids: readonly string[];
}

/** How an identity is proved (PS3.7 D.3.3.7). */
export const IDENTITY_TYPE = { USERNAME: 1, USERNAME_PASSWORD: 2, KERBEROS: 3, SAML: 4, JWT: 5 } as const;

export interface UserIdentity {
  /** One of `IDENTITY_TYPE`. */
  readonly type: number;
  readonly positiveResponseRequested: boolean;
  readonly primary: Uint8Array;
  /** The password, where the type has one; else empty. */
  readonly secondary: Uint8Array;
}

/** The user-information item of a request or an acceptance (PS3.8 9.3.2.3, PS3.7 annex D). */
export interface UserInformation {
  /** Longest P-DATA-TF variable field its sender takes, in bytes; 0 is without limit. */
  readonly maxLength: number;
  readonly implementationClassUid: string;
  readonly implementationVersionName?: string;
  /** 0 is without limit; absent is one and one. */
  readonly asyncOperations?: { readonly invoked: number; readonly performed: number };
  readonly roles: readonly RoleSelection[];
  readonly extended: readonly ExtendedNegotiation[];
  readonly commonExtended: readonly CommonExtendedNegotiation[];
  readonly userIdentity?: UserIdentity;
  /** Of an acceptance only. */
  readonly userIdentityResponse?: Uint8Array;
}

interface AssociatePdu {
  /** Bit 0 is version 1, the only one there is. */
  readonly protocolVersion: number;
  /** Without surrounding spaces. */
  readonly calledAeTitle: string;
  readonly callingAeTitle: string;
  readonly applicationContext: string;
  readonly userInformation: UserInformation;
}

export interface AssociateRequest extends AssociatePdu {
  readonly type: 'A-ASSOCIATE-RQ';
  readonly contexts: readonly ProposedContext[];
}

export interface AssociateAccept extends AssociatePdu {
  readonly type: 'A-ASSOCIATE-AC';
  readonly contexts: readonly ContextAnswer[];
}

/** Numbers of PS3.8 table 9-21. */
export interface AssociateReject {
  readonly type: 'A-ASSOCIATE-RJ';
  readonly result: number;
  readonly source: number;
  readonly reason: number;
}

/** One fragment of a command set or of a data set (PS3.8 9.3.5.1, annex E). */
export interface PresentationDataValue {
  readonly contextId: number;
  readonly isCommand: boolean;
  readonly isLast: boolean;
  readonly data: Uint8Array;
}

export interface DataTransfer {
  readonly type: 'P-DATA-TF';
  readonly values: readonly PresentationDataValue[];
}

/** Source 0 is the peer's user, 2 its provider; reasons of PS3.8 table 9-26. */
export interface Abort {
  readonly type: 'A-ABORT';
  readonly source: number;
  readonly reason: number;
}

export type Pdu =
  | AssociateRequest
  | AssociateAccept
  | AssociateReject
  | DataTransfer
  | { readonly type: 'A-RELEASE-RQ' }
  | { readonly type: 'A-RELEASE-RP' }
  | Abort;

/** The first byte of each PDU (PS3.8 9.3.1). */
export const PDU_TYPES = {
  'A-ASSOCIATE-RQ': 1,
  'A-ASSOCIATE-AC': 2,
  'A-ASSOCIATE-RJ': 3,
  'P-DATA-TF': 4,
  'A-RELEASE-RQ': 5,
  'A-RELEASE-RP': 6,
  'A-ABORT': 7,
} as const satisfies Record<Pdu['type'], number>;

/** First bytes of items and sub-items (PS3.8 9.3.2, PS3.7 D.3.3). */
export const ITEM = {
  APPLICATION_CONTEXT: 0x10,
  PROPOSED_CONTEXT: 0x20,
  CONTEXT_ANSWER: 0x21,
  ABSTRACT_SYNTAX: 0x30,
  TRANSFER_SYNTAX: 0x40,
  USER_INFORMATION: 0x50,
  MAX_LENGTH: 0x51,
  IMPLEMENTATION_CLASS: 0x52,
  ASYNC_OPERATIONS: 0x53,
  ROLE_SELECTION: 0x54,
  IMPLEMENTATION_VERSION: 0x55,
  EXTENDED: 0x56,
  COMMON_EXTENDED: 0x57,
  USER_IDENTITY: 0x58,
  USER_IDENTITY_RESPONSE: 0x59,
} as const;

/** DICOM's one application context (PS3.7 annex A). */
export const APPLICATION_CONTEXT = '1.2.840.10008.3.1.1.1';

/** Bytes before the variable field of every PDU: type, reserved, length. */
export const PDU_HEADER_LENGTH = 6;
