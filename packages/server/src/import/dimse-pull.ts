import {
  createElement,
  DataSet,
  encodeDataSet,
  encodeFileMeta,
  parseDataSet,
  type TagName,
  transferSyntaxOf,
  uidsOfKind,
} from '@vesalius/dicom';
import {
  type Association,
  type ContextProposal,
  cFind,
  cGet,
  cMove,
  type DimseOutcome,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  isStorageClass,
  QUERY_RETRIEVE,
  requestAssociation,
  STATUS,
  type StoreRequest,
  serveWith,
} from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import type { Settings } from '../settings.ts';
import { REFUSALS } from '../store/archive.ts';
import { emptyReport, type ImportReport, type ImportTarget, importCandidate } from './import-candidates.ts';

/** Which studies of a DICOM peer to bring here. */
export interface DimsePull {
  /** One of `settings.dimse.peers`. */
  readonly aeTitle: string;
  /** Keys of C-FIND at study level by keyword or tag: `{ PatientID: '7' }`; all studies without. */
  readonly query?: Readonly<Record<string, string>>;
  /** `get` (the default) brings them on the association that asks; `move` has the peer send them to this server's own DIMSE port. */
  readonly method?: 'get' | 'move';
}

interface PullOptions {
  readonly settings: Settings;
  readonly target: ImportTarget;
}

const { find, get, move } = QUERY_RETRIEVE.studyRoot;
const MOST_STORAGE_CONTEXTS = 124;

/**
 * Asks a DICOM peer by C-FIND and brings what it finds by C-GET or C-MOVE.
 *
 * @throws UNKNOWN_OPTION for a peer that the settings do not name, PEER_UNREACHABLE, PEER_REFUSED, ASSOCIATION_REJECTED
 */
export async function pullDimse(pull: DimsePull, options: PullOptions): Promise<ImportReport> {
  const { settings, target } = options;
  const report = emptyReport();
  const association = await associate(pull, options, report);
  const abort = () => association.abort();
  target.signal.addEventListener('abort', abort);
  try {
    for (const study of await studiesOf(association, pull.query ?? {})) {
      target.signal.throwIfAborted();
      await bring(association, study, { pull, settings, report, target });
    }
    await association.release();
    return report;
  } finally {
    target.signal.removeEventListener('abort', abort);
  }
}

function associate(pull: DimsePull, { settings, target }: PullOptions, report: ImportReport) {
  const peer = settings.dimse.peers.find(({ aeTitle }) => aeTitle === pull.aeTitle);
  if (!peer) {
    const known = settings.dimse.peers.map(({ aeTitle }) => aeTitle).join(', ') || 'none in the settings';
    throw new VesaliusError('UNKNOWN_OPTION', { what: 'DICOM peer', got: pull.aeTitle, expected: known });
  }
  const onStore = async (request: StoreRequest): Promise<DimseOutcome> => {
    const { sopInstanceUid, sopClassUid, context, dataSet } = request;
    const head = encodeFileMeta({ sopInstanceUid, sopClassUid, transferSyntaxUid: context.transferSyntax });
    const candidate = { name: sopInstanceUid, open: async () => withHead(head, dataSet) };
    const outcome = await importCandidate(candidate, target, report);
    return { status: outcome.status === 'refused' ? REFUSALS[outcome.reason] : STATUS.SUCCESS };
  };
  return requestAssociation({
    peer,
    callingAeTitle: settings.dimse.aeTitle,
    contexts: contextsFor(pull.method ?? 'get'),
    onRequest: serveWith({ onStore }),
  });
}

async function* withHead(head: Uint8Array, dataSet: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  yield* dataSet;
}

/** For C-GET every storage class is proposed, in whatever transfer syntax the peer keeps it. */
function contextsFor(method: 'get' | 'move'): ContextProposal[] {
  const transferSyntaxes = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];
  const services = [find, method === 'get' ? get : move].map((abstractSyntax) => ({
    abstractSyntax,
    transferSyntaxes,
  }));
  if (method === 'move') return services;
  const all = uidsOfKind('Transfer Syntax').flatMap(({ uid, retired }) => (retired ? [] : [uid]));
  const classes = uidsOfKind('SOP Class').filter(({ uid, retired }) => !retired && isStorageClass(uid));
  const storage = classes.slice(0, MOST_STORAGE_CONTEXTS).map(({ uid }) => ({
    abstractSyntax: uid,
    transferSyntaxes: all,
    roles: { scu: false, scp: true },
  }));
  return [...services, ...storage];
}

async function studiesOf(association: Association, query: Readonly<Record<string, string>>): Promise<string[]> {
  const encoding = encodingFor(association, find);
  const keys = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '', ...query };
  const uids: string[] = [];
  for await (const bytes of cFind(association, { sopClassUid: find, identifier: identifierOf(keys, encoding) })) {
    const uid = parseDataSet(bytes, { encoding }).dataSet.string('StudyInstanceUID');
    if (uid) uids.push(uid);
  }
  return uids;
}

interface Bringing {
  readonly pull: DimsePull;
  readonly settings: Settings;
  readonly report: ImportReport;
  readonly target: ImportTarget;
}

async function bring(association: Association, study: string, { pull, settings, report, target }: Bringing) {
  const keys = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: study };
  const sopClassUid = pull.method === 'move' ? move : get;
  const query = { sopClassUid, identifier: identifierOf(keys, encodingFor(association, sopClassUid)) };
  const destination = settings.dimse.aeTitle;
  const refusedBefore = report.refused;
  let last = { completed: 0, failed: 0, warning: 0 };
  const steps = pull.method === 'move' ? cMove(association, { ...query, destination }) : cGet(association, query);
  for await (const progress of steps) last = progress;
  if (pull.method === 'move') {
    // What the peer sends comes in by the DIMSE port like everything else; here only its counts are known.
    report.found += last.completed + last.warning;
    report.stored += last.completed + last.warning;
  }
  // Of what came and was refused here, the report says more already.
  const notSent = last.failed - (report.refused - refusedBefore);
  if (notSent <= 0) return;
  report.refused += notSent;
  report.refusals.push({ name: study, reason: 'processing failure', what: `${notSent} instances could not be sent` });
  target.onProgress(report);
}

type Encoding = ReturnType<typeof transferSyntaxOf>['encoding'];

function encodingFor(association: Association, sopClassUid: string): Encoding {
  return transferSyntaxOf(association.contextFor(sopClassUid)?.transferSyntax ?? IMPLICIT_VR_LITTLE_ENDIAN).encoding;
}

function identifierOf(keys: Readonly<Record<string, string>>, encoding: Encoding): Uint8Array {
  const elements = Object.entries(keys).map(([name, value]) =>
    // Wildcards and ranges break the rules of some VRs, as they may in a query.
    createElement(name as TagName, value, { check: false }),
  );
  return encodeDataSet(new DataSet(elements), encoding);
}
