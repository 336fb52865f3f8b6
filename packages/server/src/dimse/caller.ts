import type { Proposer, RejectionName } from '@vesalius/dicom-network';
import type { Settings } from '../settings.ts';
import type { Access } from '../store/archive.ts';

/** Who is at the other end of an association, and what it may do here. */
export interface Caller {
  readonly aeTitle: string;
  /** AE title and address, as it stands in the audit log. */
  readonly from: string;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  readonly access: Access;
}

/** The caller that a proposal is from; or why it is not let in. */
export function admitCaller(
  { callingAeTitle, remoteAddress }: Proposer,
  { callers }: Settings['dimse'],
): Caller | RejectionName {
  const caller = {
    aeTitle: callingAeTitle,
    from: `${callingAeTitle}@${remoteAddress}`,
    access: { projects: 'all' },
  } as const;
  if (callers === 'any') {
    return isLoopback(remoteAddress) ? { ...caller, mayRead: true, mayWrite: true } : 'CALLING_AE_TITLE_NOT_RECOGNIZED';
  }
  const known = callers.find(({ aeTitle }) => aeTitle === callingAeTitle);
  if (!known) return 'CALLING_AE_TITLE_NOT_RECOGNIZED';
  return { ...caller, mayRead: known.mayRead, mayWrite: known.mayWrite };
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address);
}
