import { VesaliusError } from '@vesalius/errors';
import type { Association } from '../association/association.ts';
import { COMMAND_FIELD } from '../dimse/command-field.ts';
import type { DimseOutcome } from '../dimse/status.ts';
import { contextForInstance, type SendableInstance } from './sendable-instance.ts';
import { outcomeOf, singleResponse } from './single-response.ts';

/** The C-MOVE that an instance is sent for. */
export interface MoveOriginator {
  readonly aeTitle: string;
  readonly messageId: number;
}

/**
 * Sends one instance; the peer's answer may be a warning or a failure.
 *
 * @throws CONTEXT_NOT_ACCEPTED when no agreed context takes it, ASSOCIATION_ENDED
 * @source PS3.7 9.1.1
 */
export async function cStore(
  association: Association,
  instance: SendableInstance,
  originator?: MoveOriginator,
): Promise<DimseOutcome> {
  const context = contextForInstance(association, instance);
  if (!context)
    throw new VesaliusError('CONTEXT_NOT_ACCEPTED', {
      what: `context of SOP class ${instance.sopClassUid}`,
      expected: instance.transferSyntaxUids.join(' or '),
    });
  const command = {
    CommandField: COMMAND_FIELD.C_STORE_RQ,
    AffectedSOPClassUID: instance.sopClassUid,
    AffectedSOPInstanceUID: instance.sopInstanceUid,
    Priority: 0,
    MoveOriginatorApplicationEntityTitle: originator?.aeTitle,
    MoveOriginatorMessageID: originator?.messageId,
  };
  const dataSet = await instance.open(context.transferSyntax);
  const response = await singleResponse(association, context, { command, dataSet });
  return outcomeOf(response.command);
}
