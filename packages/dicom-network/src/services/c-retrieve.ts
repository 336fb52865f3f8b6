import type { Association } from '../association/association.ts';
import { collect } from '../dimse/collect.ts';
import { COMMAND_FIELD } from '../dimse/command-field.ts';
import type { CommandSet } from '../dimse/command-set.ts';
import { type DimseOutcome, statusCategory } from '../dimse/status.ts';
import type { Query } from './c-find.ts';
import { outcomeOf, refused, requireContext } from './single-response.ts';

/** How far a retrieval is. */
export interface SubOperations {
  readonly remaining: number;
  readonly completed: number;
  readonly failed: number;
  readonly warning: number;
}

export interface RetrieveProgress extends SubOperations {
  readonly outcome: DimseOutcome;
}

/**
 * Asks a peer to send what matches to the AE it knows as `destination`; gives its reports, the final one last. Leaving early cancels.
 *
 * @throws PEER_REFUSED, CONTEXT_NOT_ACCEPTED, ASSOCIATION_ENDED
 * @source PS3.7 9.1.4, PS3.4 C.4.2
 */
export async function* cMove(
  association: Association,
  query: Query & { readonly destination: string },
): AsyncGenerator<RetrieveProgress, void> {
  yield* retrieve(association, query, { CommandField: COMMAND_FIELD.C_MOVE_RQ, MoveDestination: query.destination });
}

/**
 * Asks a peer to send what matches on this association, whose handlers take it (`onStore`); gives the peer's reports, the final one
 * last. The storage classes must have been proposed with the own side as SCP. Leaving early cancels.
 *
 * @throws PEER_REFUSED, CONTEXT_NOT_ACCEPTED, ASSOCIATION_ENDED
 * @source PS3.7 9.1.3, PS3.4 C.4.3
 */
export async function* cGet(association: Association, query: Query): AsyncGenerator<RetrieveProgress, void> {
  yield* retrieve(association, query, { CommandField: COMMAND_FIELD.C_GET_RQ });
}

async function* retrieve(
  association: Association,
  query: Query,
  own: CommandSet,
): AsyncGenerator<RetrieveProgress, void> {
  const context = requireContext(association, query.sopClassUid);
  const command = { ...own, AffectedSOPClassUID: query.sopClassUid, Priority: 0 };
  for await (const { command: response, dataSet } of association.request(context.id, command, query.identifier)) {
    // The list of what failed (0008,0058) may come with it; the counts say how many.
    await collect(dataSet);
    const outcome = outcomeOf(response);
    if (statusCategory(outcome.status) === 'failure') throw refused('retrieval', outcome);
    yield {
      outcome,
      remaining: response.NumberOfRemainingSuboperations ?? 0,
      completed: response.NumberOfCompletedSuboperations ?? 0,
      failed: response.NumberOfFailedSuboperations ?? 0,
      warning: response.NumberOfWarningSuboperations ?? 0,
    };
  }
}
