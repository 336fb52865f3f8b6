import { connect } from 'node:net';
import { createElement, DataSet, type Element, EXPLICIT_LITTLE, encodeDataSet, type Keyword } from '@vesalius/dicom';
import {
  type Association,
  cFind,
  cMove,
  cStore,
  type DimseOutcome,
  EXPLICIT_VR_LITTLE_ENDIAN,
  nAction,
  QUERY_RETRIEVE,
  requestAssociation,
  STATUS,
  STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
} from '@vesalius/dicom-network';
import { VesaliusError } from '@vesalius/errors';
import { instanceUid, picture } from '../conformance/dicomweb-client.ts';
import type { BadRequest, Target } from './bad-request.ts';

const STUDY = '1.2.826.0.1.3680043.8.498.8081';
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
const { find, move } = QUERY_RETRIEVE.studyRoot;
const MODALITY_WORKLIST_FIND = '1.2.840.10008.5.1.4.31';
const ANSWER_MS = 10_000;

async function associate(
  { dimse }: Target,
  peer: Partial<Target['dimse']> = {},
  syntaxes = [SECONDARY_CAPTURE, find, move, STORAGE_COMMITMENT],
): Promise<Association> {
  return requestAssociation({
    peer: { ...dimse, ...peer },
    callingAeTitle: 'BADPEER',
    contexts: syntaxes.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] })),
    onRequest: async () => undefined,
    connectMs: ANSWER_MS,
  });
}

/** An operation and the status, with words, that it must have. */
function overDimse(
  name: string,
  statuses: readonly number[],
  operate: (association: Association) => Promise<DimseOutcome>,
): BadRequest {
  return {
    name: `DIMSE: ${name}`,
    send: async (target) => {
      const association = await associate(target);
      try {
        const { status, comment = '' } = await operate(association);
        const shown = `${status.toString(16)}H`;
        return [
          ...(statuses.includes(status) ? [] : [`status ${shown}`]),
          ...(/[a-z]{2,}/i.test(comment) ? [] : ['no words for a person']),
          ...(/Secret|Marker/.test(comment) ? ['quotes what was sent'] : []),
        ];
      } finally {
        await association.release().catch(() => undefined);
      }
    },
  };
}

const store = (number: number, bytes: Uint8Array) => (association: Association) =>
  cStore(association, {
    sopClassUid: SECONDARY_CAPTURE,
    sopInstanceUid: instanceUid(number, STUDY),
    transferSyntaxUids: [EXPLICIT_VR_LITTLE_ENDIAN],
    open: () => bytes,
  });

const encoded = (dataSet: DataSet) => encodeDataSet(dataSet, EXPLICIT_LITTLE);

function identifier(keys: Keys): Uint8Array {
  return encoded(
    new DataSet(
      Object.entries(keys).map(([name, value]): Element => createElement(name as Keyword, value, { check: false })),
    ),
  );
}

type Keys = Partial<Record<Keyword, string>>;

/** The status and words of a query that fails. */
const query =
  (keys: Keys) =>
  async (association: Association): Promise<DimseOutcome> => {
    try {
      for await (const _ of cFind(association, { sopClassUid: find, identifier: identifier(keys) }));
      return { status: STATUS.SUCCESS, comment: 'nothing refused' };
    } catch (error) {
      return refusalIn(error);
    }
  };

/** A peer's refusal as the package words it: `0xa900 comment`. */
function refusalIn(error: unknown): DimseOutcome {
  const [, digits, comment = ''] = /^0x([\da-f]{4}) ?(.*)$/.exec(String((error as VesaliusError).details?.got)) ?? [];
  if (digits === undefined) throw error;
  return { status: Number.parseInt(digits, 16), comment };
}

const retrieval =
  (keys: Keys, destination: string) =>
  async (association: Association): Promise<DimseOutcome> => {
    try {
      for await (const _ of cMove(association, { sopClassUid: move, identifier: identifier(keys), destination }));
      return { status: STATUS.SUCCESS, comment: 'nothing refused' };
    } catch (error) {
      const { status, comment } = refusalIn(error);
      // A peer that is not known is what A801H itself says; a comment is optional: PS3.7 C.5.
      return { status, comment: comment || 'destination unknown' };
    }
  };

/** An association that must not come about. */
function rejected(name: string, code: string, attempt: (target: Target) => Promise<Association>): BadRequest {
  return {
    name: `DIMSE: ${name}`,
    send: async (target) => {
      try {
        await (await attempt(target)).release();
        return ['an association'];
      } catch (error) {
        const got = error instanceof VesaliusError ? error.code : String(error);
        return got === code ? [] : [`${got} instead of ${code}`];
      }
    },
  };
}

/** Bytes that are no DICOM: the connection must be aborted (PDU 7) or end. */
function notDicom(name: string, bytes: Uint8Array): BadRequest {
  return {
    name: `DIMSE: ${name}`,
    send: ({ dimse }) =>
      new Promise((done) => {
        const socket = connect(dimse.port, dimse.host, () => socket.write(bytes));
        const timer = setTimeout(() => done(['a connection that stays open']), ANSWER_MS);
        socket.on('error', () => undefined);
        socket.on('data', (pdu) => void (pdu[0] === 7 && socket.destroy()));
        socket.on('close', () => {
          clearTimeout(timer);
          done([]);
        });
      }),
  };
}

const NOT_UNDERSTOOD = [STATUS.CANNOT_UNDERSTAND, STATUS.UNABLE_TO_PROCESS];

export const DIMSE_REQUESTS: readonly BadRequest[] = [
  overDimse('C-STORE of bytes that are no data set', NOT_UNDERSTOOD, store(1, Buffer.from('Secret^Marker, no DICOM'))),
  overDimse(
    'C-STORE of a data set without UIDs',
    NOT_UNDERSTOOD,
    store(1, encoded(new DataSet([createElement('PatientName', 'Secret^Marker')]))),
  ),
  {
    name: 'DIMSE: C-STORE of what is right',
    send: async (target) => {
      const association = await associate(target);
      const { status } = await store(1, encoded(picture(1, { study: STUDY })))(association);
      await association.release();
      return status === 0 ? [] : [`status ${status}`];
    },
  },
  overDimse(
    'C-STORE of other bytes under a UID that is there',
    [0x0111],
    store(1, encoded(picture(1, { study: STUDY, more: [createElement('ImageComments', 'other')] }))),
  ),
  overDimse(
    'C-STORE under another UID than that of the data set',
    [STATUS.WARNING_DATA_SET_MISMATCH, STATUS.DATA_SET_MISMATCH],
    store(7, encoded(picture(2, { study: STUDY }))),
  ),
  overDimse('C-FIND without a level', [STATUS.DATA_SET_MISMATCH], query({ StudyInstanceUID: '' })),
  overDimse('C-FIND at a level that is none', [STATUS.DATA_SET_MISMATCH], query({ QueryRetrieveLevel: 'SECRET' })),
  overDimse(
    'C-FIND at a level that its model has not',
    [STATUS.DATA_SET_MISMATCH],
    query({ QueryRetrieveLevel: 'PATIENT' }),
  ),
  overDimse(
    'C-FIND of a date that is none',
    [STATUS.DATA_SET_MISMATCH, STATUS.UNABLE_TO_PROCESS, STATUS.CANNOT_UNDERSTAND],
    query({ QueryRetrieveLevel: 'STUDY', StudyDate: 'Secret' }),
  ),
  overDimse(
    'C-MOVE to a peer that is not known',
    [STATUS.MOVE_DESTINATION_UNKNOWN],
    retrieval({ QueryRetrieveLevel: 'STUDY', StudyInstanceUID: STUDY }, 'NOBODY'),
  ),
  overDimse('N-ACTION of a kind that is none', [STATUS.NO_SUCH_ACTION], async (association) => {
    const request = {
      sopClassUid: STORAGE_COMMITMENT,
      sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
      typeId: 9,
      information: new Uint8Array(0),
    };
    const { status, comment } = await nAction(association, request);
    return { status, comment: comment ?? 'no such action' };
  }),
  rejected('an association with another AE title', 'ASSOCIATION_REJECTED', (target) =>
    associate(target, { aeTitle: 'SOMEBODY' }),
  ),
  rejected('an association for a service that is not there', 'CONTEXT_NOT_ACCEPTED', (target) =>
    associate(target, {}, [MODALITY_WORKLIST_FIND]),
  ),
  notDicom('HTTP on the DICOM port', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
  notDicom('a PDU that says it is 4 GB long', Buffer.from([1, 0, 0xff, 0xff, 0xff, 0xff, 0, 1])),
  notDicom('data before an association', Buffer.from([4, 0, 0, 0, 0, 4, 0, 0, 0, 0])),
];
