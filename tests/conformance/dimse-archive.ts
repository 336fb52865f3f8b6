import { createElement, DataSet, encodeDataSet, parseDataSet, type TagName, transferSyntaxOf } from '@vesalius/dicom';
import {
  AssociationServer,
  type DimseHandlers,
  EXPLICIT_VR_LITTLE_ENDIAN,
  IMPLICIT_VR_LITTLE_ENDIAN,
  isStorageClass,
  type PeerAddress,
  QUERY_RETRIEVE,
  type SendableInstance,
  type ServerOptions,
  STATUS,
  STORAGE_COMMITMENT,
  serveWith,
  VERIFICATION,
} from '@vesalius/dicom-network';

/** An instance as it came in: the bytes of its data set. */
export interface StoredInstance {
  readonly sopClassUid: string;
  readonly transferSyntax: string;
  readonly bytes: Buffer;
}

export interface TestArchive {
  readonly port: number;
  readonly stored: Map<string, StoredInstance>;
  readonly close: () => Promise<void>;
}

const SPOKEN = [EXPLICIT_VR_LITTLE_ENDIAN, IMPLICIT_VR_LITTLE_ENDIAN];
const { patientRoot, studyRoot } = QUERY_RETRIEVE;
const SERVICES = [VERIFICATION, STORAGE_COMMITMENT, ...Object.values(patientRoot), ...Object.values(studyRoot)];

/** An archive in memory that speaks every DIMSE service: what dcmtk and pynetdicom are tried against. */
export async function serveArchive(
  options: Partial<ServerOptions> & { readonly targets?: readonly PeerAddress[] } = {},
): Promise<TestArchive> {
  const stored = new Map<string, StoredInstance>();
  const server = new AssociationServer({
    port: 0,
    rules: [
      ...SERVICES.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: SPOKEN })),
      { abstractSyntax: isStorageClass, transferSyntaxes: 'as-proposed', requestorMayBeScp: true },
    ],
    onRequest: serveWith(handlers(stored, options.targets ?? [])),
    ...options,
  });
  return { port: (await server.listen()).port, stored, close: () => server.close() };
}

function handlers(stored: Map<string, StoredInstance>, targets: readonly PeerAddress[]): DimseHandlers {
  const matching = (identifier: DataSet) => [...stored].filter(([, instance]) => matches(instance, identifier));
  return {
    onStore: async ({ sopInstanceUid, sopClassUid, context, dataSet }) => {
      const bytes = Buffer.concat(await Array.fromAsync(dataSet as AsyncIterable<Buffer>));
      stored.set(sopInstanceUid, { sopClassUid, transferSyntax: context.transferSyntax, bytes });
      return { status: STATUS.SUCCESS };
    },
    onFind: async function* ({ identifier, context }) {
      const { encoding } = transferSyntaxOf(context.transferSyntax);
      const asked = parseDataSet(identifier, { encoding }).dataSet;
      for (const [, instance] of matching(asked)) yield encodeDataSet(answerTo(asked, dataSetOf(instance)), encoding);
      return undefined;
    },
    onRetrieve: async ({ identifier, context }) => {
      const { encoding } = transferSyntaxOf(context.transferSyntax);
      return matching(parseDataSet(identifier, { encoding }).dataSet).map(sendable);
    },
    destinationOf: (title) => targets.find(({ aeTitle }) => aeTitle === title),
    onAction: async () => ({ status: STATUS.SUCCESS }),
  };
}

function dataSetOf({ bytes, transferSyntax }: StoredInstance): DataSet {
  return parseDataSet(bytes, { encoding: transferSyntaxOf(transferSyntax).encoding }).dataSet;
}

function matches(instance: StoredInstance, identifier: DataSet): boolean {
  const wanted = identifier.string('StudyInstanceUID');
  return !wanted || dataSetOf(instance).string('StudyInstanceUID') === wanted;
}

function answerTo(asked: DataSet, instance: DataSet): DataSet {
  const level = createElement('QueryRetrieveLevel', asked.string('QueryRetrieveLevel') ?? 'STUDY');
  const keys: TagName[] = ['PatientName', 'StudyInstanceUID'];
  return new DataSet([level, ...keys.map((key) => createElement(key, instance.string(key) ?? ''))]);
}

function sendable([sopInstanceUid, instance]: [string, StoredInstance]): SendableInstance {
  const { sopClassUid, transferSyntax, bytes } = instance;
  return { sopClassUid, sopInstanceUid, transferSyntaxUids: [transferSyntax], open: () => bytes };
}
