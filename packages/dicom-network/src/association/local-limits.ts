import { IMPLEMENTATION } from '@vesalius/dicom';

/** The own name in an A-ASSOCIATE PDU. */
export const OWN_NAME = {
  implementationClassUid: IMPLEMENTATION.uid,
  implementationVersionName: IMPLEMENTATION.version,
} as const;

/** What both sides of an association share; all times in milliseconds, all lengths in bytes. */
export interface LocalLimits {
  /** Longest P-DATA-TF that is taken, announced to the peer. */
  readonly maxLength: number;
  /** Longest A-ASSOCIATE PDU that is taken: 128 contexts with 40 transfer syntaxes each, and two long identities. */
  readonly maxAssociateLength: number;
  /** From the connection to the proposal, and from the end to the closing. */
  readonly artimMs: number;
  /** Longest a peer that is waited for may do nothing. */
  readonly idleMs: number;
  /** Operations of a peer that are performed at a time where it asks for more than one (PS3.7 D.3.3.3). */
  readonly maxOperations: number;
}

export const DEFAULT_LIMITS: LocalLimits = {
  maxLength: 1 << 17,
  maxAssociateLength: 3 << 17,
  artimMs: 30_000,
  idleMs: 60_000,
  maxOperations: 16,
};
