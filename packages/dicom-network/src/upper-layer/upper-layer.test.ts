import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { APPLICATION_CONTEXT, type AssociateRequest, type Pdu } from '../pdu/pdu.ts';
import { PduReader } from '../pdu/pdu-reader.ts';
import { writePdu } from '../pdu/write-pdu.ts';
import type { Indication } from './actions.ts';
import { actionFor, type EventName, NEXT_STATES, type StateName } from './state-table.ts';
import { UpperLayer } from './upper-layer.ts';

const USER = { maxLength: 16384, implementationClassUid: '1.2.3', roles: [], extended: [], commonExtended: [] };
const COMMON = {
  protocolVersion: 1,
  calledAeTitle: 'SCP',
  callingAeTitle: 'SCU',
  applicationContext: APPLICATION_CONTEXT,
  userInformation: USER,
};
const REQUEST: AssociateRequest = {
  type: 'A-ASSOCIATE-RQ',
  ...COMMON,
  contexts: [{ id: 1, abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
};
const ACCEPT: Pdu = {
  type: 'A-ASSOCIATE-AC',
  ...COMMON,
  contexts: [{ id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2' }],
};
const DATA: Pdu = {
  type: 'P-DATA-TF',
  values: [{ contextId: 1, isCommand: true, isLast: true, data: Buffer.from('ab') }],
};
const RELEASE_REQUEST: Pdu = { type: 'A-RELEASE-RQ' };
const RELEASE_RESPONSE: Pdu = { type: 'A-RELEASE-RP' };
const ABORT: Pdu = { type: 'A-ABORT', source: 0, reason: 0 };
const REJECT: Pdu = { type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 1 };
const LIMITS = { associate: 1 << 16, data: 1 << 14 };

/** What a peer sends to bring each event about. */
const FROM_PEER: Partial<Record<EventName, Buffer>> = {
  Evt3: writePdu(ACCEPT),
  Evt4: writePdu(REJECT),
  Evt6: writePdu(REQUEST),
  Evt10: writePdu(DATA),
  Evt12: writePdu(RELEASE_REQUEST),
  Evt13: writePdu(RELEASE_RESPONSE),
  Evt16: writePdu(ABORT),
  Evt19: Buffer.from('GET / HTTP/1.1\r\n\r\n'),
};

/** How each state is reached: what the peer sends and what the local user does, in turn. */
type Step = Pdu | { readonly local: EventName; readonly pdu?: Pdu };
const ACCEPTED: Step[] = [REQUEST, { local: 'Evt7', pdu: ACCEPT }];
const REQUESTED: Step[] = [ACCEPT];
const PATHS: Record<
  Exclude<StateName, 'Sta1' | 'Sta4'>,
  { readonly isRequestor: boolean; readonly steps: readonly Step[] }
> = {
  Sta2: { isRequestor: false, steps: [] },
  Sta3: { isRequestor: false, steps: [REQUEST] },
  Sta5: { isRequestor: true, steps: [] },
  Sta6: { isRequestor: false, steps: ACCEPTED },
  Sta7: { isRequestor: false, steps: [...ACCEPTED, { local: 'Evt11' }] },
  Sta8: { isRequestor: false, steps: [...ACCEPTED, RELEASE_REQUEST] },
  Sta9: { isRequestor: true, steps: [...REQUESTED, { local: 'Evt11' }, RELEASE_REQUEST] },
  Sta10: { isRequestor: false, steps: [...ACCEPTED, { local: 'Evt11' }, RELEASE_REQUEST] },
  Sta11: { isRequestor: true, steps: [...REQUESTED, { local: 'Evt11' }, RELEASE_REQUEST, { local: 'Evt14' }] },
  Sta12: { isRequestor: false, steps: [...ACCEPTED, { local: 'Evt11' }, RELEASE_REQUEST, RELEASE_RESPONSE] },
  Sta13: { isRequestor: false, steps: [REQUEST, { local: 'Evt8', pdu: REJECT }] },
};

interface Pair {
  readonly layer: UpperLayer;
  readonly peer: Socket;
  readonly heard: Indication[];
  readonly sent: Pdu[];
}

let server: Server;
let port: number;
let open: Socket[];

beforeEach(async () => {
  open = [];
  server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as { port: number }).port;
});

afterEach(() => {
  for (const socket of open) socket.destroy();
  server.close();
});

/** A layer and, at the other end of a real connection, a bare socket. */
async function pair(isRequestor: boolean, artimMs = 60_000): Promise<Pair> {
  const heard: Indication[] = [];
  const sent: Pdu[] = [];
  const incoming = once(server, 'connection');
  const outgoing = connect({ port, host: '127.0.0.1', allowHalfOpen: !isRequestor });
  open.push(outgoing);
  const common = { limits: LIMITS, artimMs, user: { indicate: (each: Indication) => heard.push(each) } };
  const [accepted] = (await incoming) as [Socket];
  open.push(accepted);
  const peer = isRequestor ? accepted : outgoing;
  const layer = new UpperLayer({
    transport: isRequestor ? () => ({ socket: outgoing, openEvent: 'connect' }) : accepted,
    ...common,
  });
  const reader = new PduReader(LIMITS);
  peer.on('data', (chunk: Buffer) => sent.push(...reader.read(chunk))).on('error', () => {});
  if (isRequestor) layer.request(REQUEST);
  else layer.accept();
  if (isRequestor) await until(() => layer.state === 'Sta5');
  return { layer, peer, heard, sent };
}

async function until(holds: () => boolean): Promise<void> {
  const limit = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > limit) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function bring(state: keyof typeof PATHS): Promise<Pair> {
  const made = await pair(PATHS[state].isRequestor);
  for (const step of PATHS[state].steps) {
    if ('local' in step) made.layer.handle(step.local, { pdu: step.pdu });
    else {
      const before = made.heard.length;
      made.peer.write(writePdu(step));
      await until(() => made.heard.length > before);
    }
  }
  expect(made.layer.state).toBe(state);
  return made;
}

const ABORTING = ['AA-1', 'AA-7', 'AA-8'];
const rows = (Object.keys(PATHS) as (keyof typeof PATHS)[]).flatMap((state) =>
  (Object.keys(FROM_PEER) as EventName[]).map((event) => ({ state, event, action: actionFor(event, state) ?? 'none' })),
);

test.each(rows)('$event of the peer in $state does $action', async ({ state, event, action }) => {
  const { layer, peer, sent, heard } = await bring(state);
  const before = heard.length;
  peer.write(FROM_PEER[event] as Buffer);
  const next: readonly string[] = NEXT_STATES[action as keyof typeof NEXT_STATES];
  if (ABORTING.includes(action)) await until(() => sent.at(-1)?.type === 'A-ABORT');
  else if (action !== 'AA-2' && action !== 'AA-6') await until(() => heard.length > before || layer.state === 'Sta1');
  else if (action === 'AA-2') await until(() => layer.state === 'Sta1');
  expect(next).toContain(layer.state);
  if (action === 'AA-8') expect(heard.at(-1)?.type).toBe('A-P-ABORT');
});

test.each(Object.keys(PATHS) as (keyof typeof PATHS)[])('the peer may vanish in %s', async (state) => {
  const { layer, peer } = await bring(state);
  peer.resetAndDestroy();
  await layer.closed;
  expect(layer.state).toBe('Sta1');
});

test.each(Object.keys(PATHS) as (keyof typeof PATHS)[])('the local user may do anything in %s', async (state) => {
  for (const event of ['Evt1', 'Evt7', 'Evt8', 'Evt9', 'Evt11', 'Evt14', 'Evt15'] as const) {
    const { layer } = await bring(state);
    const action = actionFor(event, state);
    const pdu = { Evt7: ACCEPT, Evt8: REJECT, Evt9: DATA }[event as string];
    expect(layer.handle(event, { pdu })).toBe(action !== undefined);
    expect(action ? NEXT_STATES[action] : [state]).toContain(layer.state);
  }
});

test('a connection that says nothing is closed when the ARTIM timer expires', async () => {
  const { layer } = await pair(false, 30);
  await layer.closed;
  expect(layer.state).toBe('Sta1');
});

test('a peer that does not close after a rejection is cut off when the ARTIM timer expires', async () => {
  const { layer, peer, sent } = await pair(false, 100);
  peer.write(writePdu(REQUEST));
  await until(() => layer.state === 'Sta3');
  layer.handle('Evt8', { pdu: REJECT });
  await layer.closed;
  expect(sent).toEqual([REJECT]);
});

test('a port that nobody listens on ends the request with a reason', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port: dead } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const heard: Indication[] = [];
  const layer = new UpperLayer({
    transport: () => ({ socket: connect(dead, '127.0.0.1'), openEvent: 'connect' }),
    limits: LIMITS,
    artimMs: 1000,
    user: { indicate: (each) => heard.push(each) },
  });
  layer.request(REQUEST);
  expect(layer.state).toBe('Sta4');
  await layer.closed;
  expect(heard).toEqual([{ type: 'A-P-ABORT', why: expect.stringContaining('ECONNREFUSED') }]);
});
