import type { DataSetBytes, IncomingRequest } from '../association/association.ts';
import { RESPONSE_BIT } from '../dimse/command-field.ts';
import type { CommandSet } from '../dimse/command-set.ts';
import type { DimseOutcome } from '../dimse/status.ts';

/** Sends a response: the request's own identifiers, the outcome, and what the service adds. */
export async function answer(
  { association, message }: IncomingRequest,
  { status, comment }: DimseOutcome,
  { command = {}, dataSet }: { readonly command?: CommandSet; readonly dataSet?: DataSetBytes | undefined } = {},
): Promise<void> {
  // An answer before the last byte of the request would cross it.
  message.dataSet?.destroy();
  await message.whole;
  const { CommandField = 0, MessageID, AffectedSOPClassUID, RequestedSOPClassUID } = message.command;
  const { AffectedSOPInstanceUID, RequestedSOPInstanceUID, ActionTypeID, EventTypeID } = message.command;
  const response = {
    CommandField: CommandField | RESPONSE_BIT,
    MessageIDBeingRespondedTo: MessageID,
    AffectedSOPClassUID: AffectedSOPClassUID ?? RequestedSOPClassUID,
    AffectedSOPInstanceUID: AffectedSOPInstanceUID ?? RequestedSOPInstanceUID,
    ActionTypeID,
    EventTypeID,
    Status: status,
    // PS3.7 C.1: LO, 64 characters.
    ErrorComment: comment?.slice(0, 64),
    ...command,
  };
  await association.send(message.contextId, response, dataSet);
}
