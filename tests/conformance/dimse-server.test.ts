import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createElement,
  DataSet,
  EXPLICIT_LITTLE,
  encodeDataSet,
  encodeRle,
  IMPLICIT_LITTLE,
  parseDataSet,
  pixelLayout,
} from '@vesalius/dicom';
import {
  type Association,
  AssociationServer,
  cFind,
  cGet,
  cStore,
  EXPLICIT_VR_LITTLE_ENDIAN as EXPLICIT,
  type NotificationRequest,
  nAction,
  QUERY_RETRIEVE,
  requestAssociation,
  type SendableInstance,
  STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  serveWith,
} from '@vesalius/dicom-network';
import { DEFAULT_SETTINGS, type RunningServer, type Settings, startServer } from '@vesalius/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findProgram } from '../../tools/find-program.ts';
import { DCMTK_CLIENTS } from './dimse-dcmtk.ts';
import { picture, SECONDARY_CAPTURE, STUDY } from './dimse-pictures.ts';
import type { ServedArchive } from './outside-client.ts';

const RLE = '1.2.840.10008.1.2.5';
const { find, get } = QUERY_RETRIEVE.studyRoot;
const opened: { server: RunningServer; folder: string }[] = [];
let served: ServedArchive;

async function start(dimse: Partial<Settings['dimse']> = {}): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'vesalius-dimse-server-'));
  const settings = {
    ...DEFAULT_SETTINGS,
    dataFolder: folder,
    httpPort: 0,
    dimse: { ...DEFAULT_SETTINGS.dimse, port: 0, ...dimse },
  };
  const server = await startServer(settings, { logLevel: 'silent' });
  opened.push({ server, folder });
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeAll(async () => {
  const target = { aeTitle: 'TARGET', host: '127.0.0.1', port: await freePort() };
  const { url, dimsePort } = await start({ peers: [target] });
  const folder = await mkdtemp(join(tmpdir(), 'vesalius-dimse-files-'));
  served = { url, token: '', dimsePort, aeTitle: 'VESALIUS', target, folder };
});

afterAll(async () => {
  for (const { server, folder } of opened) {
    await server.close();
    await rm(folder, { recursive: true });
  }
  await rm(served.folder, { recursive: true });
});

interface OpenOptions {
  readonly port?: number;
  readonly callingAeTitle?: string;
  readonly transferSyntaxes?: readonly string[];
  readonly onRequest?: ReturnType<typeof serveWith>;
}

function open({
  port = served.dimsePort,
  callingAeTitle = 'SCU',
  transferSyntaxes = [EXPLICIT],
  ...more
}: OpenOptions = {}) {
  return requestAssociation({
    peer: { host: '127.0.0.1', port, aeTitle: 'VESALIUS' },
    callingAeTitle,
    contexts: [
      { abstractSyntax: SECONDARY_CAPTURE, transferSyntaxes, roles: { scu: true, scp: true } },
      ...[find, get, STORAGE_COMMITMENT].map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT] })),
    ],
    onRequest: more.onRequest ?? serveWith({}),
  });
}

const sendable = (dataSet: DataSet): SendableInstance => ({
  sopClassUid: SECONDARY_CAPTURE,
  sopInstanceUid: dataSet.string('SOPInstanceUID') ?? '',
  transferSyntaxUids: [EXPLICIT],
  open: () => encodeDataSet(dataSet, EXPLICIT_LITTLE),
});

const identifier = (level: string, keys: Record<string, string>): Uint8Array =>
  encodeDataSet(
    new DataSet([
      createElement('QueryRetrieveLevel', level),
      ...Object.entries(keys).map(([key, value]) => createElement(key as 'PatientName', value)),
    ]),
    EXPLICIT_LITTLE,
  );

async function answers(association: Association, level: string, keys: Record<string, string>): Promise<DataSet[]> {
  const found = await Array.fromAsync(cFind(association, { sopClassUid: find, identifier: identifier(level, keys) }));
  return found.map((bytes) => parseDataSet(bytes, { encoding: EXPLICIT_LITTLE }).dataSet);
}

test.skipIf(!findProgram(['dcmqrscp'])).each(Object.entries(DCMTK_CLIENTS))(
  '%s against the archive',
  async (_, run) => {
    const checks = await run(served);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.length).toBeGreaterThan(1);
  },
);

test('a caller does what its settings let it do, and no other caller comes in', async () => {
  const { dimsePort: port } = await start({
    callers: [
      { aeTitle: 'READER', mayRead: true, mayWrite: false },
      { aeTitle: 'SCANNER', mayRead: false, mayWrite: true },
    ],
  });
  await expect(open({ port })).rejects.toThrow('calling AE title not recognized');
  const [reader, scanner] = [
    await open({ port, callingAeTitle: 'READER' }),
    await open({ port, callingAeTitle: 'SCANNER' }),
  ];
  expect((await cStore(reader, sendable(picture(1)))).status).toBe(0x0124);
  expect((await cStore(scanner, sendable(picture(1)))).status).toBe(0);
  await expect(answers(scanner, 'STUDY', { StudyInstanceUID: '' })).rejects.toThrow('0x0124');
  expect(
    (await answers(reader, 'STUDY', { StudyInstanceUID: '' })).map((each) => each.string('StudyInstanceUID')),
  ).toEqual([STUDY]);
  await Promise.all([reader.release(), scanner.release()]);
});

test('what is asked for comes back, in the character set of the query where it can', async () => {
  const association = await open();
  const study = `${STUDY}.9`;
  const named = picture(7).with(
    createElement('SpecificCharacterSet', 'ISO_IR 192'),
    createElement('PatientName', 'Müller^Zoë', { characterSets: ['ISO_IR 192'] }),
    createElement('PatientID', 'P9'),
    createElement('StudyInstanceUID', study),
    createElement('SeriesInstanceUID', `${study}.1`),
    createElement('SOPInstanceUID', `${study}.1.7`),
  );
  expect((await cStore(association, sendable(named))).status).toBe(0);
  const asked = { StudyInstanceUID: study, PatientName: '', PatientComments: '' };
  const [unicode] = await answers(association, 'STUDY', asked);
  expect(unicode?.string('SpecificCharacterSet')).toBe('ISO_IR 192');
  const [latin] = await answers(association, 'STUDY', { SpecificCharacterSet: 'ISO_IR 100', ...asked });
  expect(latin?.string('SpecificCharacterSet')).toBe('ISO_IR 100');
  for (const answer of [unicode, latin]) {
    expect(answer?.string('PatientName')).toBe('Müller^Zoë');
    expect(answer?.bytes('PatientComments')).toHaveLength(0);
    expect(answer?.string('RetrieveAETitle')).toBe('VESALIUS');
  }
  const [japanese] = await answers(association, 'STUDY', { SpecificCharacterSet: 'ISO_IR 13', ...asked });
  expect(japanese?.string('PatientName')).toBe('Müller^Zoë');
  await association.release();
});

test('a peer that takes another transfer syntax gets the same values in it, a peer that takes none is told what failed', async () => {
  const got: DataSet[] = [];
  const onRequest = serveWith({
    onStore: async ({ dataSet }) => {
      const bytes = Buffer.concat(await Array.fromAsync(dataSet as AsyncIterable<Buffer>));
      got.push(parseDataSet(bytes, { encoding: IMPLICIT_LITTLE }).dataSet);
      return { status: 0 };
    },
  });
  const sender = await open();
  await cStore(sender, sendable(picture(8)));
  await sender.release();
  const query = {
    sopClassUid: get,
    identifier: identifier('IMAGE', {
      StudyInstanceUID: STUDY,
      SeriesInstanceUID: `${STUDY}.1`,
      SOPInstanceUID: `${STUDY}.1.8`,
    }),
  };
  const implicit = await open({ transferSyntaxes: ['1.2.840.10008.1.2'], onRequest });
  expect((await Array.fromAsync(cGet(implicit, query))).at(-1)).toMatchObject({ completed: 1, failed: 0 });
  expect(
    Buffer.from(encodeDataSet(got[0] as DataSet, IMPLICIT_LITTLE)).equals(encodeDataSet(picture(8), IMPLICIT_LITTLE)),
  ).toBe(true);
  await implicit.release();
  const rle = await open({ transferSyntaxes: [RLE], onRequest });
  await expect(Array.fromAsync(cGet(rle, query))).rejects.toThrow('0xa702');
  await rle.release();
});

test('compressed pixels are decoded for a peer that cannot, and go as they are to one that can', async () => {
  const dataSet = picture(9);
  const frame = encodeRle(dataSet.bytes('PixelData') as Uint8Array, pixelLayout(dataSet));
  const fragments = {
    kind: 'fragments',
    tag: 0x7fe00010,
    vr: 'OB',
    offsetTable: new Uint8Array(0),
    fragments: [frame],
  } as const;
  const compressed = encodeDataSet(dataSet.with(fragments), EXPLICIT_LITTLE);
  const got: Buffer[] = [];
  const onRequest = serveWith({
    onStore: async ({ dataSet: bytes }) => {
      got.push(Buffer.concat(await Array.fromAsync(bytes as AsyncIterable<Buffer>)));
      return { status: 0 };
    },
  });
  const [rle, native] = [await open({ transferSyntaxes: [RLE], onRequest }), await open({ onRequest })];
  const sent = { ...sendable(dataSet), transferSyntaxUids: [RLE], open: () => compressed };
  expect((await cStore(rle, sent)).status).toBe(0);
  const uids = { StudyInstanceUID: STUDY, SeriesInstanceUID: `${STUDY}.1`, SOPInstanceUID: `${STUDY}.1.9` };
  for (const association of [rle, native]) {
    const query = { sopClassUid: get, identifier: identifier('IMAGE', uids) };
    expect((await Array.fromAsync(cGet(association, query))).at(-1)).toMatchObject({ completed: 1, failed: 0 });
    await association.release();
  }
  expect(got[0]?.equals(compressed)).toBe(true);
  expect(got[1]?.equals(encodeDataSet(dataSet, EXPLICIT_LITTLE))).toBe(true);
});

/** Event reports as they come in. */
function collectReports() {
  const reports: NotificationRequest[] = [];
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const onRequest = serveWith({
    onEventReport: async (report) => {
      reports.push(report);
      resolve();
      return { status: 0 };
    },
  });
  return { reports, heard, onRequest };
}

function commitmentOf(...numbers: number[]) {
  const items = numbers.map(
    (number) =>
      new DataSet([
        createElement('ReferencedSOPClassUID', SECONDARY_CAPTURE),
        createElement('ReferencedSOPInstanceUID', `${STUDY}.1.${number}`),
      ]),
  );
  const asked = [createElement('TransactionUID', `${STUDY}.99`), createElement('ReferencedSOPSequence', items)];
  const information = encodeDataSet(new DataSet(asked), EXPLICIT_LITTLE);
  return { sopClassUid: STORAGE_COMMITMENT, sopInstanceUid: STORAGE_COMMITMENT_INSTANCE, typeId: 1, information };
}

test('storage commitment is reported over the same association', async () => {
  const { reports, heard, onRequest } = collectReports();
  const association = await open({ onRequest });
  await cStore(association, sendable(picture(1)));
  expect((await nAction(association, commitmentOf(1, 77))).status).toBe(0);
  await heard;
  const told = parseDataSet(reports[0]?.information as Uint8Array, { encoding: EXPLICIT_LITTLE }).dataSet;
  expect(reports[0]?.typeId).toBe(2);
  expect(told.string('TransactionUID')).toBe(`${STUDY}.99`);
  expect(told.items('ReferencedSOPSequence').map((item) => item.string('ReferencedSOPInstanceUID'))).toEqual([
    `${STUDY}.1.1`,
  ]);
  expect(told.items('FailedSOPSequence').map((item) => item.number('FailureReason'))).toEqual([0x0112]);
  await association.release();
});

test('storage commitment is reported over an association of our own when the peer hung up', async () => {
  const { reports, heard, onRequest } = collectReports();
  const rules = [{ abstractSyntax: STORAGE_COMMITMENT, transferSyntaxes: [EXPLICIT], requestorMayBeScp: true }];
  const listener = new AssociationServer({ port: 0, rules, onRequest });
  const { port: peerPort } = await listener.listen();
  const { dimsePort: port } = await start({ peers: [{ aeTitle: 'SCU', host: '127.0.0.1', port: peerPort }] });
  const association = await open({
    port,
    onRequest: async ({ association: own }) => own.abort(),
  });
  await cStore(association, sendable(picture(1)));
  expect((await nAction(association, commitmentOf(1))).status).toBe(0);
  await heard;
  expect(reports[0]?.typeId).toBe(1);
  await listener.close();
});
