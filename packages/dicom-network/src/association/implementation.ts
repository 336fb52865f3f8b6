/** How this implementation names itself to its peers (PS3.7 D.3.3.2). The UID is of a random UUID (PS3.5 B.2). */
export const IMPLEMENTATION = {
  implementationClassUid: '2.25.226693949942086234330755234125907254045',
  implementationVersionName: 'VESALIUS_01',
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
}

export const DEFAULT_LIMITS: LocalLimits = {
  maxLength: 1 << 17,
  maxAssociateLength: 3 << 17,
  artimMs: 30_000,
  idleMs: 60_000,
};
