import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDicomFile,
  createElement,
  DataSet,
  EXPLICIT_LITTLE,
  encodeDataSet,
  readDicom,
  writeDicom,
} from '@vesalius/dicom';
import {
  cEcho,
  cFind,
  cGet,
  cMove,
  cStore,
  EXPLICIT_VR_LITTLE_ENDIAN as EXPLICIT,
  QUERY_RETRIEVE,
  requestAssociation,
  type SendableInstance,
  serveWith,
  VERIFICATION,
} from '@vesalius/dicom-network';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findProgram } from '../../tools/find-program.ts';
import { serveArchive, type TestArchive } from './dimse-archive.ts';
import { picture, SECONDARY_CAPTURE, STUDY } from './dimse-pictures.ts';

const { find, move, get } = QUERY_RETRIEVE.studyRoot;

const sendable = (number: number): SendableInstance => ({
  sopClassUid: SECONDARY_CAPTURE,
  sopInstanceUid: `${STUDY}.1.${number}`,
  transferSyntaxUids: [EXPLICIT],
  open: () => encodeDataSet(picture(number), EXPLICIT_LITTLE),
});

const identifier = encodeDataSet(
  new DataSet([
    createElement('QueryRetrieveLevel', 'STUDY'),
    createElement('PatientName', ''),
    createElement('StudyInstanceUID', STUDY),
  ]),
  EXPLICIT_LITTLE,
);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Real sockets against dcmtk's programs; skipped, and named, where they are not installed. */
const withDcmtk = test.skipIf(!findProgram(['dcmqrscp']) || !findProgram(['openssl']));

let folder: string;
let archive: TestArchive;
const started: ChildProcess[] = [];
const opened: TestArchive[] = [];

const run = (program: string, ...args: (string | number)[]) =>
  new Promise<{ status: number; text: string }>((resolve) => {
    execFile(program, args.map(String), { timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code ?? -1) : 0, text: stdout + stderr }),
    );
  });

async function serve(...options: Parameters<typeof serveArchive>): Promise<TestArchive> {
  const made = await serveArchive(...options);
  opened.push(made);
  return made;
}

async function start(program: string, port: number, ...args: string[]): Promise<void> {
  started.push(spawn(program, args, { stdio: 'ignore' }));
  for (let tries = 0; tries < 100; tries++) {
    if ((await run('echoscu', '-to', 2, '127.0.0.1', port)).status === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${program} does not answer`);
}

const open = (port: number, abstractSyntaxes: readonly string[], onRequest = serveWith({})) =>
  requestAssociation({
    peer: { host: '127.0.0.1', port, aeTitle: 'PEER' },
    callingAeTitle: 'VESALIUS',
    contexts: abstractSyntaxes.map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT],
      ...(abstractSyntax === SECONDARY_CAPTURE ? { roles: { scu: true, scp: true } } : {}),
    })),
    onRequest,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-dimse-'));
  for (const number of [1, 2, 3])
    await writeFile(join(folder, `${number}.dcm`), await writeDicom(createDicomFile(picture(number))));
  archive = await serveArchive();
});

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

afterAll(async () => {
  await archive.close();
  await rm(folder, { recursive: true });
});

withDcmtk.each([
  ['plain', []],
  ['with 128 contexts of 38 transfer syntaxes', ['-ppc', 128, '-pts', 38]],
  ['with the smallest PDUs', ['-pdu', 4096]],
  ['many times', ['--repeat', 50]],
  ['and aborts', ['--abort']],
])('echoscu %s', async (_, args) => {
  expect(await run('echoscu', ...args, '127.0.0.1', archive.port)).toEqual({ status: 0, text: '' });
});

withDcmtk('echoscu is told why it is rejected', async () => {
  const { port } = await serve({ aeTitle: 'ARCHIVE', callingAeTitles: ['SCANNER'] });
  expect((await run('echoscu', '-aec', 'OTHER', '127.0.0.1', port)).text).toContain('Called AE Title Not Recognized');
  expect((await run('echoscu', '-aec', 'ARCHIVE', '127.0.0.1', port)).text).toContain(
    'Calling AE Title Not Recognized',
  );
  expect(await run('echoscu', '-aec', 'ARCHIVE', '-aet', 'SCANNER', '127.0.0.1', port)).toEqual({
    status: 0,
    text: '',
  });
});

withDcmtk('echoscu is told that there are too many associations', async () => {
  const { port } = await serve({ maxAssociations: 1 });
  const first = await open(port, [VERIFICATION]);
  expect((await run('echoscu', '127.0.0.1', port)).text).toContain('Local Limit Exceeded');
  await first.release();
  expect((await run('echoscu', '127.0.0.1', port)).status).toBe(0);
});

withDcmtk('a user name and password reach the one who admits', async () => {
  const seen: unknown[] = [];
  const { port } = await serve({
    admit: ({ userIdentity }) => {
      seen.push([userIdentity?.type, String(userIdentity?.primary), String(userIdentity?.secondary)]);
      return String(userIdentity?.secondary) === 'p4ss' ? { userIdentityResponse: Buffer.alloc(0) } : 'NO_REASON';
    },
  });
  const store = (password: string) =>
    run('storescu', '-usr', 'ada', '-pwd', password, '-rsp', '127.0.0.1', port, join(folder, '1.dcm'));
  expect((await store('p4ss')).status).toBe(0);
  expect((await store('wrong')).text).toContain('Rejected');
  expect(seen).toEqual([
    [2, 'ada', 'p4ss'],
    [2, 'ada', 'wrong'],
  ]);
});

withDcmtk.each([
  ['explicit little endian', ['-xe'], EXPLICIT],
  ['implicit little endian', ['-xi'], '1.2.840.10008.1.2'],
  ['deflated', ['-xd'], '1.2.840.10008.1.2.1.99'],
])('storescu in %s is stored as it is sent', async (_, args, transferSyntax) => {
  const { port, stored } = await serve();
  const sent = await run('storescu', ...args, '127.0.0.1', port, join(folder, '1.dcm'), join(folder, '2.dcm'));
  expect(sent).toEqual({ status: 0, text: '' });
  expect([...stored.keys()]).toEqual([`${STUDY}.1.1`, `${STUDY}.1.2`]);
  expect(stored.get(`${STUDY}.1.2`)?.transferSyntax).toBe(transferSyntax);
  if (transferSyntax === EXPLICIT)
    expect(stored.get(`${STUDY}.1.2`)?.bytes.equals(encodeDataSet(picture(2), EXPLICIT_LITTLE))).toBe(true);
});

withDcmtk('findscu, movescu and getscu find, move and get what storescu stored', async () => {
  const target = await serve();
  const peer = { host: '127.0.0.1', port: target.port, aeTitle: 'TARGET' };
  const { port } = await serve({ targets: [peer] });
  const files = [1, 2, 3].map((number) => join(folder, `${number}.dcm`));
  await run('storescu', '127.0.0.1', port, ...files);
  const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', 'PatientName', '-k', `StudyInstanceUID=${STUDY}`];
  const found = await run('findscu', '-v', '-S', ...keys, '127.0.0.1', port);
  expect(found.text.match(/\[Phantom\^One ?\]/g)?.length).toBe(3);
  const moved = await run('movescu', '-v', '-S', '-aem', 'TARGET', ...keys, '127.0.0.1', port);
  expect(moved.text).toContain('Received Final Move Response (Success)');
  expect(target.stored.size).toBe(3);
  expect((await run('movescu', '-S', '-aem', 'NOBODY', ...keys, '127.0.0.1', port)).text).toContain(
    'MoveDestinationUnknown',
  );
  const got = join(folder, 'got');
  await mkdir(got);
  expect((await run('getscu', '-v', '-S', '-od', got, ...keys, '127.0.0.1', port)).text).toContain('Success');
  expect((await readdir(got)).length).toBe(3);
});

withDcmtk('findscu cancels after the first match', async () => {
  const { port } = await serve();
  await run('storescu', '127.0.0.1', port, ...[1, 2, 3].map((number) => join(folder, `${number}.dcm`)));
  const keys = ['-k', 'QueryRetrieveLevel=STUDY', '-k', 'StudyInstanceUID'];
  const found = await run('findscu', '-v', '--cancel', 1, '-S', ...keys, '127.0.0.1', port);
  expect(found.text).toContain('Sending Cancel Request');
});

withDcmtk('storescp takes what we send', async () => {
  const port = await freePort();
  const received = join(folder, 'received');
  await mkdir(received);
  await start('storescp', port, '-od', received, String(port));
  const association = await open(port, [SECONDARY_CAPTURE]);
  for (const number of [1, 2]) expect((await cStore(association, sendable(number))).status).toBe(0);
  await association.release();
  const [first = ''] = (await readdir(received)).sort();
  const { dataSet } = await readDicom(await readFile(join(received, first)));
  expect(Buffer.from(encodeDataSet(dataSet, EXPLICIT_LITTLE)).equals(encodeDataSet(picture(1), EXPLICIT_LITTLE))).toBe(
    true,
  );
});

withDcmtk('dcmqrscp is echoed, stored to, searched, moved from and got from', async () => {
  const [port, target] = [await freePort(), await serve({ aeTitle: 'VESALIUS' })];
  await mkdir(join(folder, 'qr'));
  const config = `NetworkTCPPort = ${port}
MaxPDUSize = 16384
MaxAssociations = 8
HostTable BEGIN
us = (VESALIUS, 127.0.0.1, ${target.port})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
PEER ${join(folder, 'qr')} RW (10, 100mb) ANY
AETable END
`;
  await writeFile(join(folder, 'qr.cfg'), config);
  const got: string[] = [];
  const onRequest = serveWith({
    onStore: async ({ dataSet, sopInstanceUid }) => {
      const chunks = await Array.fromAsync(dataSet as AsyncIterable<Buffer>);
      got.push(`${sopInstanceUid} ${Buffer.concat(chunks).length > 65536}`);
      return { status: 0 };
    },
  });
  started.push(spawn('dcmqrscp', ['-c', join(folder, 'qr.cfg')], { stdio: 'ignore' }));
  const association = await eventually(() => open(port, [VERIFICATION, SECONDARY_CAPTURE, find, move, get], onRequest));
  expect((await cEcho(association)).status).toBe(0);
  for (const number of [1, 2, 3]) expect((await cStore(association, sendable(number))).status).toBe(0);
  expect((await Array.fromAsync(cFind(association, { sopClassUid: find, identifier }))).length).toBe(1);
  const moved = await Array.fromAsync(cMove(association, { sopClassUid: move, identifier, destination: 'VESALIUS' }));
  expect(moved.at(-1)).toMatchObject({ completed: 3, failed: 0, outcome: { status: 0 } });
  expect(target.stored.size).toBe(3);
  const progress = await Array.fromAsync(cGet(association, { sopClassUid: get, identifier }));
  expect(progress.at(-1)).toMatchObject({ completed: 3, failed: 0, outcome: { status: 0 } });
  expect(got.sort()).toEqual([1, 2, 3].map((number) => `${STUDY}.1.${number} true`));
  await association.release();
});

withDcmtk('TLS: echoscu and our own requests with a certificate, and nobody without one', async () => {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  await run(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    1,
    ...subject,
    '-keyout',
    key,
    '-out',
    certificate,
  );
  const pem = { key: await readFile(key), cert: await readFile(certificate), ca: await readFile(certificate) };
  const fingerprints: unknown[] = [];
  const { port } = await serve({
    tls: { ...pem, requestCert: true, rejectUnauthorized: true },
    admit: ({ certificateFingerprint }) => {
      fingerprints.push(certificateFingerprint);
      return {};
    },
  });
  expect(await run('echoscu', '+tls', key, certificate, '+cf', certificate, '127.0.0.1', port)).toEqual({
    status: 0,
    text: '',
  });
  expect((await run('echoscu', '+tla', '+cf', certificate, '127.0.0.1', port)).status).not.toBe(0);
  expect((await run('echoscu', '127.0.0.1', port)).status).not.toBe(0);
  const peer = {
    host: '127.0.0.1',
    port,
    aeTitle: 'PEER',
    tls: { ...pem, servername: 'localhost', checkServerIdentity: () => undefined },
  };
  const contexts = [{ abstractSyntax: VERIFICATION, transferSyntaxes: [EXPLICIT] }];
  const association = await requestAssociation({ peer, contexts, callingAeTitle: 'US', onRequest: serveWith({}) });
  expect((await cEcho(association)).status).toBe(0);
  await association.release();
  expect(fingerprints).toEqual([expect.stringMatching(/^([0-9A-F]{2}:){31}/), fingerprints[0]]);
});

async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
