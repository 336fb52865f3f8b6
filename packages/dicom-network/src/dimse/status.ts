import { type ErrorCode, VesaliusError } from '@vesalius/errors';

/**
 * Status codes of DIMSE services, by the names of the standard.
 *
 * @source PS3.7 annex C; PS3.4 B.2.3, C.4.1.1.4, C.4.2.1.5, C.4.3.1.4, J.3
 */
export const STATUS = {
  SUCCESS: 0x0000,
  PENDING: 0xff00,
  /** Pending, but an optional key was not supported. */
  PENDING_KEYS_NOT_SUPPORTED: 0xff01,
  CANCEL: 0xfe00,
  WARNING_SUB_OPERATIONS_FAILED: 0xb000,
  /** Stored, but an element was coerced. */
  WARNING_COERCED: 0xb000,
  WARNING_DATA_SET_MISMATCH: 0xb007,
  WARNING_ELEMENTS_DISCARDED: 0xb006,
  OUT_OF_RESOURCES: 0xa700,
  OUT_OF_RESOURCES_MATCHES: 0xa701,
  OUT_OF_RESOURCES_SUB_OPERATIONS: 0xa702,
  MOVE_DESTINATION_UNKNOWN: 0xa801,
  DATA_SET_MISMATCH: 0xa900,
  CANNOT_UNDERSTAND: 0xc000,
  UNABLE_TO_PROCESS: 0xc001,
  PROCESSING_FAILURE: 0x0110,
  NO_SUCH_SOP_INSTANCE: 0x0112,
  NO_SUCH_EVENT_TYPE: 0x0113,
  SOP_CLASS_NOT_SUPPORTED: 0x0122,
  NO_SUCH_ACTION: 0x0123,
  NOT_AUTHORIZED: 0x0124,
  UNRECOGNIZED_OPERATION: 0x0211,
  RESOURCE_LIMITATION: 0x0213,
} as const;

export type StatusCategory = 'success' | 'pending' | 'cancel' | 'warning' | 'failure';

/** What kind of answer a status is (PS3.7 C.1 to C.5). */
export function statusCategory(status: number): StatusCategory {
  if (status === 0) return 'success';
  if (status === 0xff00 || status === 0xff01) return 'pending';
  if (status === 0xfe00) return 'cancel';
  // PS3.7 C.4: B-classes, and the three single codes.
  if (status >> 12 === 0xb || status === 0x0001 || status === 0x0107 || status === 0x0116) return 'warning';
  return 'failure';
}

/** A status with what a person may read: at most 64 characters, never patient data. */
export interface DimseOutcome {
  readonly status: number;
  readonly comment?: string;
}

const STATUS_OF_ERROR: Partial<Record<ErrorCode, number>> = {
  DISK_FULL: STATUS.OUT_OF_RESOURCES,
  WRITE_FAILED: STATUS.OUT_OF_RESOURCES,
  OUT_OF_MEMORY: STATUS.OUT_OF_RESOURCES,
  DATA_MISMATCH: STATUS.DATA_SET_MISMATCH,
  FILE_FORMAT: STATUS.CANNOT_UNDERSTAND,
  FILE_TRUNCATED: STATUS.CANNOT_UNDERSTAND,
  FILE_UNSUPPORTED: STATUS.CANNOT_UNDERSTAND,
};

/** The answer where a handler threw: a status by the error's code, and the code alone as the comment. */
export function outcomeOfError(error: unknown): DimseOutcome {
  if (!(error instanceof VesaliusError)) return { status: STATUS.UNABLE_TO_PROCESS };
  return { status: STATUS_OF_ERROR[error.code] ?? STATUS.UNABLE_TO_PROCESS, comment: error.code };
}
