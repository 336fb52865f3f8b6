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

/** Append-only; every event carries the hash of the one before. */
export interface AuditLog {
  /** Answers when the event would survive the loss of power. */
  record(event: AuditEvent): Promise<void>;
}
