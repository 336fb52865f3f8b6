/**
 * One event for the audit log: DICOM PS3.15 A.5, FHIR AuditEvent. Ids and addresses only, never names of patients.
 */
export interface AuditEvent {
  /** `stored`, `queried`, `retrieved`, `removed`, `signed-in`, `refused`, `exported`, … */
  readonly action: string;
  readonly outcome: 'success' | 'minor failure' | 'serious failure';
  readonly principal: string;
  /** Network address or AE title. */
  readonly from: string;
  /** What was touched: `{ kind: 'study', id: StudyInstanceUID }`. */
  readonly entities?: readonly { readonly kind: string; readonly id: string }[];
  readonly detail?: string;
}

/** An event as it stands in the log. */
export interface AuditRecord extends AuditEvent {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** sha256 of this event and of `previous`, hex. */
  readonly hash: string;
  readonly previous: string;
}

export interface AuditQuery {
  readonly action?: string;
  readonly principal?: string;
  readonly outcome?: AuditEvent['outcome'];
  /** Id of something touched. */
  readonly entity?: string;
  /** ISO 8601, both included. */
  readonly from?: string;
  readonly to?: string;
  /** Only events older than this one. */
  readonly before?: number;
  readonly limit?: number;
}

export interface AuditVerification {
  readonly intact: boolean;
  readonly events: number;
  /** The first event that does not fit, and why. */
  readonly broken?: { readonly sequence: number; readonly what: string };
}

/** Append-only; every event carries the hash of the one before. */
export interface AuditLog {
  /** Answers when the event would survive the loss of power. */
  record(event: AuditEvent): Promise<void>;
  /** Newest first; 100 without a limit, at most 1000. */
  find(query: AuditQuery): Promise<readonly AuditRecord[]>;
  /** Computes every hash again: a changed, removed, inserted or cut off event is found. */
  verify(): Promise<AuditVerification>;
  /** Writes what waits. */
  close(): Promise<void>;
}
