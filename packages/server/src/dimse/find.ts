import { hexTag } from '@vesalius/dicom';
import { type DimseOutcome, type QueryRequest, STATUS } from '@vesalius/dicom-network';
import type { Services } from '../services.ts';
import { findAnswer } from './find-answer.ts';
import { readIdentifier } from './identifier.ts';
import { refusalOf } from './refusal.ts';
import { isFuzzy } from './services-spoken.ts';
import type { Session } from './session.ts';

/** Matches that are asked of the index at a time. */
const PAGE = 500;

/**
 * Answers a C-FIND; there is no limit to the matches, a peer cancels.
 *
 * @source PS3.4 C.4.1
 */
export async function* find(
  { identifier: bytes, sopClassUid, context, association, signal }: QueryRequest,
  session: Session,
  { archive, settings }: Pick<Services, 'archive' | 'settings'>,
): AsyncGenerator<Uint8Array, DimseOutcome | undefined> {
  if (!session.caller.mayRead) return refusalOf(session, 'C-FIND');
  const transferSyntaxUid = context.transferSyntax;
  const identifier = readIdentifier(bytes, { sopClassUid, transferSyntaxUid });
  const query = {
    level: identifier.level,
    match: identifier.match,
    include: identifier.asked.map(({ tag }) => hexTag(tag)),
    fuzzy: isFuzzy(association.peer.extended, sopClassUid),
    access: session.caller.access,
    signal,
  };
  let count = 0;
  for (let more = true; more; ) {
    const page = await archive.find({ ...query, offset: count, limit: PAGE });
    for (const match of page.matches)
      yield await findAnswer(match, { identifier, aeTitle: settings.dimse.aeTitle, transferSyntaxUid });
    count += page.matches.length;
    more = page.more && page.matches.length > 0;
  }
  session.record('queried', { detail: `${identifier.level} ${count} matches` });
  return { status: STATUS.SUCCESS };
}
