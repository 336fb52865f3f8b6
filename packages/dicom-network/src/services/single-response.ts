import { VesaliusError } from '@vesalius/errors';
import type { AcceptedContext } from '../association/accepted-context.ts';
import type { Association, DataSetBytes } from '../association/association.ts';
import type { CommandSet } from '../dimse/command-set.ts';
import type { DimseMessage } from '../dimse/message-assembler.ts';
import type { DimseOutcome } from '../dimse/status.ts';

/** Sends a request that has one response, and gives that. */
export async function singleResponse(
  association: Association,
  context: AcceptedContext,
  { command, dataSet }: { readonly command: CommandSet; readonly dataSet?: DataSetBytes },
): Promise<DimseMessage> {
  for await (const response of association.request(context.id, command, dataSet)) return response;
  throw new VesaliusError('ASSOCIATION_ENDED', { what: 'association', got: 'no response' });
}

/** The status of a response, with its comment. */
export function outcomeOf({ Status, ErrorComment }: CommandSet): DimseOutcome {
  if (Status === undefined) throw new VesaliusError('PEER_PROTOCOL', { what: 'status of a response', got: 'none' });
  return { status: Status, ...(ErrorComment ? { comment: ErrorComment } : {}) };
}

/** The context for a service, or the reason why there is none. */
export function requireContext(
  association: Association,
  abstractSyntax: string,
  role: 'scu' | 'scp' = 'scu',
): AcceptedContext {
  const context = association.contextFor(abstractSyntax, role);
  if (!context)
    throw new VesaliusError('CONTEXT_NOT_ACCEPTED', { what: `presentation context as ${role}`, got: abstractSyntax });
  return context;
}

/** @throws PEER_REFUSED with the status in hexadecimal and the peer's comment */
export function refused(what: string, { status, comment = '' }: DimseOutcome): VesaliusError {
  const code = `0x${status.toString(16).padStart(4, '0')}`;
  return new VesaliusError('PEER_REFUSED', { what, got: comment === '' ? code : `${code} ${comment}` });
}
