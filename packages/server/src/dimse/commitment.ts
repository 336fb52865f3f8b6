import {
  createElement,
  DataSet,
  type DicomJson,
  encodeDataSet,
  fromJson,
  parseDataSet,
  toJson,
  transferSyntaxOf,
} from '@vesalius/dicom';
import {
  type ActionAnswer,
  type Association,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  type NotificationRequest,
  nEventReport,
  requestAssociation,
  STATUS,
  STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  serveWith,
} from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import type { Services } from '../services.ts';
import type { Access } from '../store/archive.ts';
import { refusalOf } from './refusal.ts';
import type { Session } from './session.ts';

/** The job that tells a peer later, over an association of the own side. */
export const COMMITMENT_JOB = 'storage-commitment';
const REQUEST_COMMITMENT = 1;
/** Event types, and reasons of a failure: PS3.4 J.3.3.1. */
const ALL_COMMITTED = 1;
const SOME_FAILED = 2;
const NO_SUCH_INSTANCE = 0x0112;
const CLASS_CONFLICT = 0x0119;
const PAGE = 200;

interface Report {
  readonly peer: string;
  readonly typeId: number;
  /** The event information in DICOM JSON. */
  readonly information: DicomJson;
}

/**
 * Answers a request for storage commitment: what is in the archive would survive the loss of power, so that it is committed at once.
 * The report goes over the same association where that still stands, else over one to the peer of that title.
 *
 * @source PS3.4 J.3.2
 */
export async function commit(
  { association, context, typeId, information }: NotificationRequest,
  session: Session,
  services: Services,
): Promise<ActionAnswer> {
  if (!session.caller.mayWrite) return refusalOf(session, 'storage commitment');
  if (typeId !== REQUEST_COMMITMENT) return { status: STATUS.NO_SUCH_ACTION };
  const { encoding } = transferSyntaxOf(context.transferSyntax);
  const request = parseDataSet(information ?? new Uint8Array(0), { encoding }).dataSet;
  const transaction = request.string('TransactionUID');
  if (transaction === undefined) return { status: STATUS.PROCESSING_FAILURE, comment: 'no TransactionUID' };
  const event = await judge(request, session.caller.access, services);
  session.record('committed', { detail: event.typeId === ALL_COMMITTED ? 'all' : 'some failed' });
  return { status: STATUS.SUCCESS, afterwards: () => report(association, event, services) };
}

async function judge(request: DataSet, access: Access, services: Services): Promise<Omit<Report, 'peer'>> {
  const asked = request.items('ReferencedSOPSequence').map((item) => ({
    item,
    uid: item.string('ReferencedSOPInstanceUID') ?? '',
    sopClass: item.string('ReferencedSOPClassUID') ?? '',
  }));
  const classes = await storedClasses(
    asked.map(({ uid }) => uid).filter((uid) => uid !== ''),
    access,
    services,
  );
  const isCommitted = ({ uid, sopClass }: (typeof asked)[number]): boolean => classes.get(uid) === sopClass;
  const failed = asked.filter((each) => !isCommitted(each));
  const failures = failed.map(({ item, uid }) =>
    item.with(createElement('FailureReason', classes.has(uid) ? CLASS_CONFLICT : NO_SUCH_INSTANCE)),
  );
  const information = new DataSet([
    createElement('TransactionUID', request.string('TransactionUID') ?? ''),
    createElement('RetrieveAETitle', services.settings.dimse.aeTitle),
    createElement(
      'ReferencedSOPSequence',
      asked.filter(isCommitted).map(({ item }) => item),
    ),
    ...(failures.length > 0 ? [createElement('FailedSOPSequence', failures)] : []),
  ]);
  return { typeId: failures.length === 0 ? ALL_COMMITTED : SOME_FAILED, information: toJson(information) };
}

/** SOP classes by instance of what is in the archive. */
async function storedClasses(
  uids: readonly string[],
  access: Access,
  { archive }: Services,
): Promise<Map<string, string>> {
  const classes = new Map<string, string>();
  for (let at = 0; at < uids.length; at += PAGE) {
    const value = uids.slice(at, at + PAGE).join('\\');
    const match = [{ tag: '00080018', value }];
    const page = await archive.find({ level: 'IMAGE', match, include: ['00080016'], access, limit: PAGE });
    for (const found of page.matches)
      classes.set(String(found['00080018']?.Value?.[0]), String(found['00080016']?.Value?.[0]));
  }
  return classes;
}

async function report(
  association: Association,
  event: Omit<Report, 'peer'>,
  { jobs, settings }: Services,
): Promise<void> {
  try {
    await tell(association, event);
  } catch {
    const input: Report = { ...event, peer: association.callingAeTitle };
    const { project, aeTitle } = settings.dimse;
    await jobs.enqueue({ kind: COMMITMENT_JOB, input, project, principal: aeTitle });
  }
}

/** @throws PEER_REFUSED when the peer answers with a failure */
async function tell(association: Association, { typeId, information }: Omit<Report, 'peer'>): Promise<void> {
  const context = association.contextFor(STORAGE_COMMITMENT, 'scp');
  const { encoding } = transferSyntaxOf(context?.transferSyntax ?? EXPLICIT_VR_LITTLE_ENDIAN);
  const { status } = await nEventReport(association, {
    sopClassUid: STORAGE_COMMITMENT,
    sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
    typeId,
    information: encodeDataSet(await fromJson(information), encoding),
  });
  if (status !== STATUS.SUCCESS)
    throw new VesaliusError('PEER_REFUSED', {
      what: 'report of a storage commitment',
      got: `0x${status.toString(16)}`,
    });
}

/** Tells a peer over an association of the own side, as the SCP of the service. @throws INVALID_ARGUMENT for an unknown peer */
export async function reportLater(input: Report, { settings }: Services): Promise<void> {
  const { peers, aeTitle } = settings.dimse;
  const peer = peers.find((each) => each.aeTitle === input.peer);
  if (!peer) throw new VesaliusError('INVALID_ARGUMENT', { what: 'peer to report to', got: input.peer });
  const association = await requestAssociation({
    peer,
    callingAeTitle: aeTitle,
    contexts: [
      {
        abstractSyntax: STORAGE_COMMITMENT,
        transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN],
        roles: { scu: false, scp: true },
      },
    ],
    onRequest: serveWith({}),
  });
  try {
    await tell(association, input);
  } finally {
    await association.release();
  }
}
