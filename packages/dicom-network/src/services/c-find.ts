import type { Association } from '../association/association.ts';
import { collect } from '../dimse/collect.ts';
import { COMMAND_FIELD } from '../dimse/command-field.ts';
import { statusCategory } from '../dimse/status.ts';
import { outcomeOf, refused, requireContext } from './single-response.ts';

/** A query or a retrieval; `identifier` is written in the transfer syntax of the context for `sopClassUid`. */
export interface Query {
  readonly sopClassUid: string;
  readonly identifier: Uint8Array;
}

/**
 * The identifiers that match, each in the transfer syntax of the context. Leaving the loop early cancels the query.
 *
 * @throws PEER_REFUSED when the peer answers with a failure; CONTEXT_NOT_ACCEPTED, ASSOCIATION_ENDED
 * @source PS3.7 9.1.2, PS3.4 C.4.1
 */
export async function* cFind(
  association: Association,
  { sopClassUid, identifier }: Query,
): AsyncGenerator<Buffer, void> {
  const context = requireContext(association, sopClassUid);
  const command = { CommandField: COMMAND_FIELD.C_FIND_RQ, AffectedSOPClassUID: sopClassUid, Priority: 0 };
  for await (const { command: response, dataSet } of association.request(context.id, command, identifier)) {
    const outcome = outcomeOf(response);
    const category = statusCategory(outcome.status);
    if (category === 'pending') yield await collect(dataSet);
    else if (category === 'failure') throw refused('C-FIND', outcome);
  }
}
