import { encodeFileMeta } from '@vesalius/dicom';
import { type DimseOutcome, STATUS, type StoreRequest } from '@vesalius/dicom-network';
import type { Services } from '../services.ts';
import { REFUSALS } from '../store/archive.ts';
import { refusalOf } from './refusal.ts';
import type { Session } from './session.ts';

const PIECE = 1 << 16;

/**
 * Answers a C-STORE: the data set as it comes, behind a head that depends on the instance alone, so that sending it again gives the
 * same file.
 *
 * @source PS3.4 B.2.3
 */
export async function storeInstance(
  request: StoreRequest,
  session: Session,
  { archive, settings }: Pick<Services, 'archive' | 'settings'>,
): Promise<DimseOutcome> {
  const { caller } = session;
  if (!caller.mayWrite) return refusalOf(session, 'C-STORE');
  const { sopClassUid, sopInstanceUid, context, dataSet } = request;
  const head = encodeFileMeta({ sopClassUid, sopInstanceUid, transferSyntaxUid: context.transferSyntax });
  const outcome = await archive.store(fileOf(head, dataSet), {
    source: { kind: 'dimse', from: caller.from },
    project: settings.dimse.project,
    access: caller.access,
  });
  if (outcome.status === 'refused') {
    session.record('stored', { outcome: 'minor failure', detail: outcome.reason });
    return { status: REFUSALS[outcome.reason], comment: outcome.what };
  }
  session.transferred('stored', outcome.instance.studyInstanceUid);
  const isAsSaid = outcome.instance.sopInstanceUid === sopInstanceUid && outcome.instance.sopClassUid === sopClassUid;
  if (isAsSaid) return { status: STATUS.SUCCESS };
  return { status: STATUS.WARNING_DATA_SET_MISMATCH, comment: 'stored under the UIDs of the data set' };
}

/** Few pieces, since each costs a write; long ones as they are, since joining them costs memory. */
async function* fileOf(head: Uint8Array, dataSet: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [head];
  let length = head.length;
  for await (const chunk of dataSet) {
    held.push(chunk);
    length += chunk.length;
    if (length < PIECE) continue;
    yield joined(held);
    [held, length] = [[], 0];
  }
  if (length > 0) yield joined(held);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first ? first : Buffer.concat(parts);
}
