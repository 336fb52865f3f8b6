import type { Association } from '../association/association.ts';
import { COMMAND_FIELD } from '../dimse/command-field.ts';
import type { DimseOutcome } from '../dimse/status.ts';
import { outcomeOf, requireContext, singleResponse } from './single-response.ts';
import { VERIFICATION } from './sop-classes.ts';

/**
 * Asks a peer whether it answers.
 *
 * @throws CONTEXT_NOT_ACCEPTED, ASSOCIATION_ENDED
 * @source PS3.7 9.1.5
 */
export async function cEcho(association: Association): Promise<DimseOutcome> {
  const command = { CommandField: COMMAND_FIELD.C_ECHO_RQ, AffectedSOPClassUID: VERIFICATION };
  const response = await singleResponse(association, requireContext(association, VERIFICATION), { command });
  return outcomeOf(response.command);
}
