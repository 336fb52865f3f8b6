import { type DimseOutcome, STATUS } from '@vesalius/dicom-network';
import type { Session } from './session.ts';

/** The answer to a caller that may not do what it asks for; the audit log hears of it. */
export function refusalOf(session: Session, what: string): DimseOutcome {
  session.record('refused', { outcome: 'minor failure', detail: what });
  return { status: STATUS.NOT_AUTHORIZED, comment: `${session.caller.aeTitle} may not do this` };
}
