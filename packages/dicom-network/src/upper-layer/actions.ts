import type { AssociateReject, AssociateRequest, Pdu } from '../pdu/pdu.ts';
import type { ActionName, StateName } from './state-table.ts';

/** Reasons of an A-ABORT by the provider (PS3.8 table 9-26). */
export const ABORT_REASON = {
  NOT_SPECIFIED: 0,
  UNRECOGNIZED_PDU: 1,
  UNEXPECTED_PDU: 2,
  UNEXPECTED_PARAMETER: 5,
  INVALID_PARAMETER: 6,
} as const;

/** What an indication or a confirmation brings to the local user: a PDU of the peer, or the end of the connection. */
export type Indication = Pdu | { readonly type: 'A-P-ABORT'; readonly why: string };

/** What the actions of the state machine work on. */
export interface ActionContext {
  readonly isRequestor: boolean;
  openTransport(): void;
  closeTransport(): void;
  send(pdu: Pdu): void;
  startArtim(): void;
  stopArtim(): void;
  /** The provider's own refusal of a request, before the local user hears of it. */
  refuse(request: AssociateRequest): AssociateReject | undefined;
  /** Hands an indication or a confirmation to the local user. */
  indicate(indication: Indication): void;
}

/** `pdu`: what was received, or what the local user wants to send; `why`: a reason for the local user's eyes. */
export interface Occurrence {
  readonly pdu?: Pdu | undefined;
  readonly why?: string;
  readonly abortReason?: number;
}

type Action = (context: ActionContext, occurrence: Occurrence) => StateName;

/**
 * The actions of the upper layer, by the standard's names; each gives the next state.
 *
 * @source PS3.8 9.2.2, tables 9-6 to 9-9
 */
export const ACTIONS: Record<ActionName, Action> = {
  'AE-1': (context) => {
    context.openTransport();
    return 'Sta4';
  },
  'AE-2': (context, { pdu }) => sent(context, pdu, 'Sta5'),
  'AE-3': (context, { pdu }) => indicated(context, pdu, 'Sta6'),
  'AE-4': (context, { pdu }) => {
    context.closeTransport();
    return indicated(context, pdu, 'Sta1');
  },
  'AE-5': (context) => {
    context.startArtim();
    return 'Sta2';
  },
  'AE-6': (context, { pdu }) => {
    context.stopArtim();
    const refusal = pdu?.type === 'A-ASSOCIATE-RQ' ? context.refuse(pdu) : undefined;
    if (!refusal) return indicated(context, pdu, 'Sta3');
    context.startArtim();
    return sent(context, refusal, 'Sta13');
  },
  'AE-7': (context, { pdu }) => sent(context, pdu, 'Sta6'),
  'AE-8': (context, { pdu }) => {
    context.startArtim();
    return sent(context, pdu, 'Sta13');
  },
  'DT-1': (context, { pdu }) => sent(context, pdu, 'Sta6'),
  'DT-2': (context, { pdu }) => indicated(context, pdu, 'Sta6'),
  'AR-1': (context) => sent(context, { type: 'A-RELEASE-RQ' }, 'Sta7'),
  'AR-2': (context, { pdu }) => indicated(context, pdu, 'Sta8'),
  'AR-3': (context, { pdu }) => {
    context.closeTransport();
    return indicated(context, pdu, 'Sta1');
  },
  'AR-4': (context) => {
    context.startArtim();
    return sent(context, { type: 'A-RELEASE-RP' }, 'Sta13');
  },
  'AR-5': (context) => {
    context.stopArtim();
    return 'Sta1';
  },
  'AR-6': (context, { pdu }) => indicated(context, pdu, 'Sta7'),
  'AR-7': (context, { pdu }) => sent(context, pdu, 'Sta8'),
  'AR-8': (context, { pdu }) => indicated(context, pdu, context.isRequestor ? 'Sta9' : 'Sta10'),
  'AR-9': (context) => sent(context, { type: 'A-RELEASE-RP' }, 'Sta11'),
  'AR-10': (context, { pdu }) => indicated(context, pdu, 'Sta12'),
  'AA-1': (context, { pdu }) => {
    context.startArtim();
    return sent(context, pdu?.type === 'A-ABORT' ? pdu : { type: 'A-ABORT', source: 0, reason: 0 }, 'Sta13');
  },
  'AA-2': (context) => {
    context.stopArtim();
    context.closeTransport();
    return 'Sta1';
  },
  'AA-3': (context, { pdu }) => {
    context.closeTransport();
    return indicated(context, pdu, 'Sta1');
  },
  'AA-4': (context, { why = 'connection closed by the peer' }) => {
    context.indicate({ type: 'A-P-ABORT', why });
    return 'Sta1';
  },
  'AA-5': (context) => {
    context.stopArtim();
    return 'Sta1';
  },
  'AA-6': () => 'Sta13',
  'AA-7': (context, { abortReason = ABORT_REASON.UNEXPECTED_PDU }) =>
    sent(context, { type: 'A-ABORT', source: 2, reason: abortReason }, 'Sta13'),
  'AA-8': (context, { pdu, why, abortReason = ABORT_REASON.UNEXPECTED_PDU }) => {
    context.startArtim();
    context.send({ type: 'A-ABORT', source: 2, reason: abortReason });
    context.indicate({ type: 'A-P-ABORT', why: why ?? `unexpected ${pdu?.type}` });
    return 'Sta13';
  },
};

function sent(context: ActionContext, pdu: Pdu | undefined, next: StateName): StateName {
  if (pdu) context.send(pdu);
  return next;
}

function indicated(context: ActionContext, pdu: Pdu | undefined, next: StateName): StateName {
  if (pdu) context.indicate(pdu);
  return next;
}
