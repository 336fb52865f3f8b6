import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { writeCommandSet } from '../dimse/command-set.ts';
import { APPLICATION_CONTEXT, type AssociateRequest, type Pdu, type UserInformation } from '../pdu/pdu.ts';
import { PduReader } from '../pdu/pdu-reader.ts';
import { writePdu } from '../pdu/write-pdu.ts';
import { cEcho } from '../services/c-echo.ts';
import { serveWith } from '../services/serve-request.ts';
import { VERIFICATION } from '../services/sop-classes.ts';
import { AssociationServer, type ServerOptions } from './association-server.ts';
import { requestAssociation } from './request-association.ts';

const IMPLICIT = '1.2.840.10008.1.2';
const EXPLICIT = '1.2.840.10008.1.2.1';
const CT = '1.2.840.10008.5.1.4.1.1.2';
const JPEG = '1.2.840.10008.1.2.4.50';
const USER: UserInformation = {
  maxLength: 16384,
  implementationClassUid: '1.2.3',
  roles: [],
  extended: [],
  commonExtended: [],
};
const REQUEST: AssociateRequest = {
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  calledAeTitle: 'SCP',
  callingAeTitle: 'SCU',
  applicationContext: APPLICATION_CONTEXT,
  contexts: [{ id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] }],
  userInformation: USER,
};
const ECHO = writeCommandSet({
  AffectedSOPClassUID: VERIFICATION,
  CommandField: 0x30,
  MessageID: 1,
  CommandDataSetType: 0x0101,
});
const RULES: ServerOptions['rules'] = [
  { abstractSyntax: VERIFICATION, transferSyntaxes: [EXPLICIT, IMPLICIT] },
  { abstractSyntax: CT, transferSyntaxes: 'as-proposed', requestorMayBeScp: true },
];
const servers: AssociationServer[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(options: Partial<ServerOptions> = {}): Promise<AssociationServer & { port: number }> {
  const server = new AssociationServer({ port: 0, rules: RULES, onRequest: serveWith({}), ...options });
  servers.push(server);
  const { port, address } = await server.listen();
  expect(address).toBe('127.0.0.1');
  return Object.assign(server, { port });
}

/** A peer that sends what it likes; `received` grows, `closed` tells of the end. */
async function rawPeer(port: number) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const received: Pdu[] = [];
  const reader = new PduReader({ associate: 1 << 20, data: 1 << 20 });
  socket.on('data', (chunk: Buffer) => received.push(...reader.read(chunk))).on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  const next = async (count: number): Promise<Pdu | undefined> => {
    while (received.length < count)
      await Promise.race([once(socket, 'data'), closed.then(() => Promise.reject(new Error('closed')))]);
    return received[count - 1];
  };
  return { socket, received, closed, next, send: (...pdus: Pdu[]) => socket.write(Buffer.concat(pdus.map(writePdu))) };
}

const command = (data: Uint8Array, isLast = true): Pdu => ({
  type: 'P-DATA-TF',
  values: [{ contextId: 1, isCommand: true, isLast, data }],
});

async function answerTo(port: number, request: AssociateRequest): Promise<Pdu | undefined> {
  const peer = await rawPeer(port);
  peer.send(request);
  return peer.next(1);
}

/** The server still serves others. */
async function isWell(port: number): Promise<boolean> {
  const association = await requestAssociation({
    peer: { host: '127.0.0.1', port, aeTitle: 'SCP' },
    callingAeTitle: 'SCU',
    contexts: REQUEST.contexts,
    onRequest: serveWith({}),
  });
  const { status } = await cEcho(association);
  await association.release();
  return status === 0;
}

test('answers each context: own preference for services, the proposer’s for storage', async () => {
  const { port } = await serve();
  const contexts = [
    { id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT, EXPLICIT] },
    { id: 3, abstractSyntax: VERIFICATION, transferSyntaxes: [JPEG] },
    { id: 5, abstractSyntax: CT, transferSyntaxes: [JPEG, EXPLICIT] },
    { id: 7, abstractSyntax: '1.2.3', transferSyntaxes: [IMPLICIT] },
  ];
  const roles = [
    { sopClassUid: CT, scu: true, scp: true },
    { sopClassUid: VERIFICATION, scu: true, scp: true },
    { sopClassUid: '1.2.3', scu: true, scp: true },
  ];
  expect(await answerTo(port, { ...REQUEST, contexts, userInformation: { ...USER, roles } })).toMatchObject({
    type: 'A-ASSOCIATE-AC',
    contexts: [
      { id: 1, result: 0, transferSyntax: EXPLICIT },
      { id: 3, result: 4 },
      { id: 5, result: 0, transferSyntax: JPEG },
      { id: 7, result: 3 },
    ],
    userInformation: {
      roles: [
        { sopClassUid: CT, scu: true, scp: true },
        { sopClassUid: VERIFICATION, scu: true, scp: false },
      ],
    },
  });
});

test.each([
  ['another protocol version', {}, { ...REQUEST, protocolVersion: 2 }, [1, 2, 2]],
  ['another called title', { aeTitle: 'OTHER' }, REQUEST, [1, 1, 7]],
  ['an unknown calling title', { callingAeTitles: ['OTHER'] }, REQUEST, [1, 1, 3]],
  ['one whom the application refuses', { admit: () => 'TEMPORARY_CONGESTION' as const }, REQUEST, [2, 3, 1]],
  ['anyone while the application fails', { admit: () => Promise.reject(new Error()) }, REQUEST, [2, 3, 1]],
  ['fragments of a few bytes', {}, { ...REQUEST, userInformation: { ...USER, maxLength: 8 } }, [1, 1, 1]],
])('rejects %s with the standard reason', async (_, options, request, [result, source, reason]) => {
  const { port } = await serve(options as Partial<ServerOptions>);
  expect(await answerTo(port, request)).toEqual({ type: 'A-ASSOCIATE-RJ', result, source, reason });
});

test('more associations than allowed are rejected as transient, and place is free again after one ends', async () => {
  const { port } = await serve({ maxAssociations: 2 });
  const [first] = [await rawPeer(port), await rawPeer(port)];
  expect(await answerTo(port, REQUEST)).toEqual({ type: 'A-ASSOCIATE-RJ', result: 2, source: 3, reason: 2 });
  for (const socket of sockets.splice(0)) socket.destroy();
  await first?.closed;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await isWell(port)).toBe(true);
});

test('a peer that sends 60 MB before it associates is cut off after the first header', async () => {
  const { port } = await serve();
  const peer = await rawPeer(port);
  const header = Buffer.from([1, 0, 0xf0, 0, 0, 0]);
  let sent = 0;
  peer.socket.write(header);
  const flood = Buffer.alloc(1 << 20);
  while (!peer.socket.destroyed && sent < 60) {
    sent++;
    if (!peer.socket.write(flood)) await Promise.race([once(peer.socket, 'drain').catch(() => {}), peer.closed]);
  }
  await peer.closed;
  expect(sent).toBeLessThan(60);
  expect(await isWell(port)).toBe(true);
});

test.each([
  ['a web browser', Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')],
  ['random bytes', Buffer.from('d3adb33f00112233445566778899aabbccddeeff', 'hex')],
  ['data before the association', writePdu(command(ECHO))],
  ['a request full of nothing', Buffer.concat([Buffer.from([1, 0, 0, 0, 1, 0]), Buffer.alloc(256, 0xff)])],
])('%s is answered with an abort', async (_, bytes) => {
  const { port } = await serve();
  const peer = await rawPeer(port);
  peer.socket.write(bytes);
  expect((await peer.next(1))?.type).toBe('A-ABORT');
  expect(await isWell(port)).toBe(true);
});

test.each([
  ['a fragment of a context that was not accepted', [{ contextId: 9, isCommand: true, isLast: true, data: ECHO }]],
  ['data without a command', [{ contextId: 1, isCommand: false, isLast: true, data: ECHO }]],
  ['a command that is none', [{ contextId: 1, isCommand: true, isLast: true, data: Buffer.from('no command') }]],
  ['a command of 100 kB', Array(2).fill({ contextId: 1, isCommand: true, isLast: false, data: Buffer.alloc(50_000) })],
])('%s ends the association', async (_, values) => {
  const { port } = await serve();
  const peer = await rawPeer(port);
  peer.send(REQUEST);
  await peer.next(1);
  peer.send({ type: 'P-DATA-TF', values });
  expect(await peer.next(2)).toEqual({ type: 'A-ABORT', source: 2, reason: 6 });
  expect(await isWell(port)).toBe(true);
});

test('a PDU longer than announced ends the association on its header', async () => {
  const { port } = await serve({ limits: { maxLength: 4096 } });
  const peer = await rawPeer(port);
  peer.send(REQUEST);
  expect(await peer.next(1)).toMatchObject({ userInformation: { maxLength: 4096 } });
  peer.socket.write(Buffer.from([4, 0, 0, 0, 0x10, 1]));
  expect((await peer.next(2))?.type).toBe('A-ABORT');
});

test('a slow loris, before or after the association, is cut off', async () => {
  const { port } = await serve({ limits: { artimMs: 200, idleMs: 200 } });
  const [before, after] = [await rawPeer(port), await rawPeer(port)];
  after.send(REQUEST);
  await after.next(1);
  const drip = setInterval(() => {
    for (const [i, { socket }] of [before, after].entries())
      if (socket.writable) socket.write(writePdu(i === 0 ? REQUEST : command(ECHO)).subarray(0, 1));
  }, 20);
  await Promise.all([before.closed, after.closed]);
  clearInterval(drip);
  expect(await isWell(port)).toBe(true);
});

test('a peer that asks and never reads is cut off', async () => {
  const { port } = await serve({ limits: { artimMs: 200, idleMs: 300 } });
  const peer = await rawPeer(port);
  peer.send(REQUEST);
  await peer.next(1);
  peer.socket.pause();
  const many = Buffer.concat(Array.from({ length: 5000 }, () => writePdu(command(ECHO))));
  while (!peer.socket.destroyed) if (!peer.socket.write(many)) break;
  peer.socket.on('drain', () => peer.socket.write(many));
  const server = servers[0] as AssociationServer;
  for (let tries = 0; tries < 500 && server.associations.size > 0; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(server.associations.size).toBe(0);
});

test('a requestor learns of a peer that accepts and then says nothing', async () => {
  const { port } = await serve({ onRequest: () => new Promise(() => {}) });
  const association = await requestAssociation({
    peer: { host: '127.0.0.1', port, aeTitle: 'SCP' },
    callingAeTitle: 'SCU',
    contexts: REQUEST.contexts,
    onRequest: serveWith({}),
    limits: { idleMs: 100 },
  });
  await expect(cEcho(association)).rejects.toThrow('PEER_TIMEOUT');
});

test('titles that no AE may have are given back as they came', async () => {
  const { port } = await serve();
  const peer = await rawPeer(port);
  const bytes = writePdu(REQUEST);
  bytes.write('SC\\\xb8', 10, 'latin1');
  peer.socket.write(bytes);
  expect(await peer.next(1)).toMatchObject({ type: 'A-ASSOCIATE-AC', calledAeTitle: 'SC\\\xb8' });
});

test('extended negotiation is answered where a rule has an answer, a window where one is asked for', async () => {
  const extended = (information: Uint8Array) => Uint8Array.of((information[0] ?? 0) & 1);
  const rules = [{ abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT], extended }];
  const { port } = await serve({ rules, limits: { maxOperations: 4 } });
  const accepted = async (user: Partial<UserInformation>) => {
    const peer = await rawPeer(port);
    peer.send({ ...REQUEST, userInformation: { ...USER, ...user } });
    return peer.next(1);
  };
  const asked = [VERIFICATION, CT].map((sopClassUid) => ({ sopClassUid, information: Uint8Array.of(3, 1) }));
  expect(await accepted({ extended: asked, asyncOperations: { invoked: 0, performed: 3 } })).toMatchObject({
    userInformation: {
      extended: [{ sopClassUid: VERIFICATION, information: Buffer.of(1) }],
      asyncOperations: { invoked: 4, performed: 1 },
    },
  });
  expect((await accepted({})) as object).toMatchObject({ userInformation: { extended: [] } });
  expect(((await accepted({})) as AssociateRequest).userInformation.asyncOperations).toBeUndefined();
});

test('as many requests are served at a time as were agreed on', async () => {
  let [now, most] = [0, 0];
  const onEcho = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 20));
    now--;
    return { status: 0 };
  };
  const { port } = await serve({ onRequest: serveWith({ onEcho }), limits: { maxOperations: 3 } });
  const open = (operations?: number) =>
    requestAssociation({
      peer: { host: '127.0.0.1', port, aeTitle: 'SCP' },
      callingAeTitle: 'SCU',
      contexts: REQUEST.contexts,
      onRequest: serveWith({}),
      ...(operations === undefined ? {} : { operations }),
    });
  const [one, several] = [await open(), await open(8)];
  expect([one.window, several.window]).toEqual([1, 3]);
  await Promise.all(Array.from({ length: 4 }, () => cEcho(one)));
  expect(most).toBe(1);
  await Promise.all(Array.from({ length: 7 }, () => cEcho(several)));
  expect(most).toBe(3);
  await Promise.all([one.release(), several.release()]);
});

test('no mutated conversation ends the server', async () => {
  const { port } = await serve({ limits: { artimMs: 500, idleMs: 500 } });
  const conversation = Buffer.concat(
    [REQUEST, command(ECHO), command(ECHO), { type: 'A-RELEASE-RQ' } as const].map(writePdu),
  );
  const edits = fc.array(fc.tuple(fc.nat(conversation.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(edits, async (mutation) => {
      const bytes = Buffer.from(conversation);
      for (const [at, value] of mutation) bytes[at] = value;
      const peer = await rawPeer(port);
      peer.socket.end(bytes);
      await peer.closed;
    }),
    { numRuns: 300 },
  );
  expect(await isWell(port)).toBe(true);
});

test('a port that is in use is refused with a code', async () => {
  const { port } = await serve();
  await expect(serve({ port })).rejects.toThrow('INVALID_ARGUMENT: port to listen on');
});

test('closing aborts what is open and ends', async () => {
  const server = await serve();
  const peer = await rawPeer(server.port);
  peer.send(REQUEST);
  await peer.next(1);
  await server.close();
  await peer.closed;
  await expect(isWell(server.port)).rejects.toThrow('PEER_UNREACHABLE');
});
