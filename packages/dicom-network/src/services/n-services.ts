import type { AcceptedContext } from '../association/accepted-context.ts';
import type { Association } from '../association/association.ts';
import { collect } from '../dimse/collect.ts';
import { COMMAND_FIELD } from '../dimse/command-field.ts';
import type { CommandSet } from '../dimse/command-set.ts';
import type { DimseOutcome } from '../dimse/status.ts';
import { outcomeOf, requireContext, singleResponse } from './single-response.ts';

/** An action to be done, or an event that happened; `information` is written in the transfer syntax of the context. */
export interface Notification {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Action or event type of the SOP class. */
  readonly typeId: number;
  readonly information?: Uint8Array;
}

/** An answer, with what the SOP class lets come with it. */
export interface NotificationOutcome extends DimseOutcome {
  readonly information?: Uint8Array;
}

/**
 * Asks a peer to act, as storage commitment does (PS3.4 J.3.2).
 *
 * @throws CONTEXT_NOT_ACCEPTED, ASSOCIATION_ENDED
 * @source PS3.7 10.1.4
 */
export async function nAction(association: Association, action: Notification): Promise<NotificationOutcome> {
  const context = requireContext(association, action.sopClassUid);
  return notify(association, context, action, {
    CommandField: COMMAND_FIELD.N_ACTION_RQ,
    RequestedSOPClassUID: action.sopClassUid,
    RequestedSOPInstanceUID: action.sopInstanceUid,
    ActionTypeID: action.typeId,
  });
}

/**
 * Tells a peer what happened; the side that is the SCP tells, as storage commitment does (PS3.4 J.3.3).
 *
 * @throws CONTEXT_NOT_ACCEPTED, ASSOCIATION_ENDED
 * @source PS3.7 10.1.1
 */
export async function nEventReport(association: Association, event: Notification): Promise<NotificationOutcome> {
  const context = requireContext(association, event.sopClassUid, 'scp');
  return notify(association, context, event, {
    CommandField: COMMAND_FIELD.N_EVENT_REPORT_RQ,
    AffectedSOPClassUID: event.sopClassUid,
    AffectedSOPInstanceUID: event.sopInstanceUid,
    EventTypeID: event.typeId,
  });
}

async function notify(
  association: Association,
  context: AcceptedContext,
  { information }: Notification,
  command: CommandSet,
): Promise<NotificationOutcome> {
  const request = { command, ...(information ? { dataSet: information } : {}) };
  const response = await singleResponse(association, context, request);
  const outcome = outcomeOf(response.command);
  return response.dataSet ? { ...outcome, information: await collect(response.dataSet) } : outcome;
}
