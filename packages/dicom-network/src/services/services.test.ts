import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Association } from '../association/association.ts';
import { AssociationServer, type ServerOptions } from '../association/association-server.ts';
import { type ContextProposal, type RequestOptions, requestAssociation } from '../association/request-association.ts';
import { collect } from '../dimse/collect.ts';
import { STATUS } from '../dimse/status.ts';
import { cEcho } from './c-echo.ts';
import { cFind } from './c-find.ts';
import { cGet, cMove } from './c-retrieve.ts';
import { cStore } from './c-store.ts';
import type { DimseHandlers } from './handlers.ts';
import { nAction, nEventReport } from './n-services.ts';
import { proposalsFor, type SendableInstance } from './sendable-instance.ts';
import { serveWith } from './serve-request.ts';
import {
  EXPLICIT_VR_LITTLE_ENDIAN as EXPLICIT,
  IMPLICIT_VR_LITTLE_ENDIAN as IMPLICIT,
  isStorageClass,
  QUERY_RETRIEVE,
  STORAGE_COMMITMENT,
  STORAGE_COMMITMENT_INSTANCE,
  VERIFICATION,
} from './sop-classes.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const { find, move, get } = QUERY_RETRIEVE.studyRoot;
const BOTH = [EXPLICIT, IMPLICIT];
const RULES: ServerOptions['rules'] = [
  ...[VERIFICATION, find, move, get, STORAGE_COMMITMENT].map((abstractSyntax) => ({
    abstractSyntax,
    transferSyntaxes: BOTH,
  })),
  { abstractSyntax: isStorageClass, transferSyntaxes: 'as-proposed', requestorMayBeScp: true },
];
const servers: AssociationServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(handlers: DimseHandlers, options: Partial<ServerOptions> = {}): Promise<number> {
  const server = new AssociationServer({ port: 0, rules: RULES, onRequest: serveWith(handlers), ...options });
  servers.push(server);
  return (await server.listen()).port;
}

const as = (abstractSyntax: string, roles?: ContextProposal['roles']): ContextProposal => ({
  abstractSyntax,
  transferSyntaxes: BOTH,
  ...(roles ? { roles } : {}),
});

function open(
  port: number,
  contexts: readonly ContextProposal[],
  options: Partial<RequestOptions> = {},
): Promise<Association> {
  const peer = { host: '127.0.0.1', port, aeTitle: 'ARCHIVE' };
  return requestAssociation({ peer, contexts, callingAeTitle: 'TEST', onRequest: serveWith({}), ...options });
}

const instance = (number: number, data: SendableInstance['open'], uids = [EXPLICIT]): SendableInstance => ({
  sopClassUid: CT,
  sopInstanceUid: `1.2.3.${number}`,
  transferSyntaxUids: uids,
  open: data,
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('echoes, releases in order, and both sides know it', async () => {
  const ends: Promise<unknown>[] = [];
  const port = await serve({}, { onAssociation: ({ ended }) => ends.push(ended) });
  const association = await open(port, [as(VERIFICATION)]);
  expect(await cEcho(association)).toEqual({ status: STATUS.SUCCESS });
  await association.release();
  expect([await association.ended, await ends[0]]).toEqual([undefined, undefined]);
  await expect(cEcho(association)).rejects.toThrow('ASSOCIATION_ENDED');
});

test.each([0, 1, 131_065, 131_066, 131_067, 1_000_001])('stores %i bytes as they are', async (length) => {
  const sent = randomBytes(length);
  const stored: Buffer[] = [];
  const port = await serve({
    onStore: async ({ dataSet }) => {
      stored.push(await collect(dataSet));
      return { status: STATUS.SUCCESS };
    },
  });
  const association = await open(port, [as(CT)]);
  expect(
    await cStore(
      association,
      instance(1, () => sent),
    ),
  ).toEqual({ status: STATUS.SUCCESS });
  expect(stored[0]?.equals(sent)).toBe(true);
  await association.release();
});

test('a large object flows through in little memory, as fast as its reader takes it', async () => {
  const chunk = Buffer.alloc(1 << 16, 7);
  const chunks = 2000;
  let ahead = 0;
  let most = 0;
  const source = async function* () {
    for (let i = 0; i < chunks; i++, ahead++) {
      most = Math.max(most, ahead);
      yield chunk;
    }
  };
  let taken = 0;
  const port = await serve({
    onStore: async ({ dataSet }) => {
      for await (const part of dataSet) {
        const before = Math.floor(taken / chunk.length);
        taken += (part as Buffer).length;
        ahead -= Math.floor(taken / chunk.length) - before;
        if (taken % (1 << 20) < 1 << 16) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return { status: STATUS.SUCCESS };
    },
  });
  const association = await open(port, [as(CT)]);
  await cStore(association, instance(1, source));
  expect(taken).toBe(chunks * chunk.length);
  // What is on the way: both sockets' buffers and the reader's, not the object of 131 MB.
  expect(most * chunk.length).toBeLessThan(32 << 20);
  await association.release();
});

test('a handler that leaves early or throws has its status sent, and the association goes on', async () => {
  const outcomes = [
    async () => ({ status: STATUS.OUT_OF_RESOURCES, comment: 'full' }),
    () => Promise.reject(Object.assign(new Error('patient data'), { code: 'ENOSPC' })),
  ];
  const port = await serve({ onStore: async () => (outcomes.shift() ?? (async () => ({ status: 0 })))() });
  const association = await open(port, [as(CT)]);
  const big = instance(1, () => Buffer.alloc(3_000_000));
  expect(await cStore(association, big)).toEqual({ status: STATUS.OUT_OF_RESOURCES, comment: 'full' });
  expect(await cStore(association, big)).toEqual({ status: STATUS.UNABLE_TO_PROCESS });
  expect(await cStore(association, big)).toEqual({ status: STATUS.SUCCESS });
  await association.release();
});

test('a reader learns that an object broke off', async () => {
  const broke = Promise.withResolvers<unknown>();
  const port = await serve({
    onStore: async ({ dataSet }) => {
      await collect(dataSet).catch(broke.resolve);
      return { status: STATUS.SUCCESS };
    },
  });
  const association = await open(port, [as(CT)]);
  const half = async function* () {
    yield Buffer.alloc(500_000);
    association.abort();
    yield Buffer.alloc(500_000);
  };
  await expect(cStore(association, instance(1, half))).rejects.toThrow('ASSOCIATION_ENDED');
  expect(String(await broke.promise)).toContain('ASSOCIATION_ENDED');
});

test('finds: one response a match, then the outcome', async () => {
  const port = await serve({
    onFind: async function* ({ identifier, sopClassUid }) {
      expect(sopClassUid).toBe(find);
      for (let i = 0; i < 300; i++) yield Buffer.concat([identifier, Buffer.of(i & 0xff)]);
      return undefined;
    },
  });
  const association = await open(port, [as(find)]);
  const found = await all(cFind(association, { sopClassUid: find, identifier: Buffer.from('key') }));
  expect(found.map((each) => each.at(-1))).toEqual(Array.from({ length: 300 }, (_, i) => i & 0xff));
  await association.release();
});

test('a query that fails says why', async () => {
  const port = await serve({
    // biome-ignore lint/correctness/useYield: it fails before the first match
    onFind: async function* () {
      return { status: STATUS.DATA_SET_MISMATCH, comment: 'no level' };
    },
  });
  const association = await open(port, [as(find)]);
  await expect(all(cFind(association, { sopClassUid: find, identifier: Buffer.alloc(0) }))).rejects.toThrow(
    '0xa900 no level',
  );
  expect(await association.release()).toBeUndefined();
});

test('a query that is left is cancelled at its server, and the association goes on', async () => {
  let given = 0;
  const stopped = Promise.withResolvers<void>();
  const port = await serve({
    onFind: async function* () {
      try {
        for (;;) {
          given++;
          yield Buffer.alloc(1000);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      } finally {
        stopped.resolve();
      }
    },
  });
  const association = await open(port, [as(find), as(VERIFICATION)]);
  for await (const match of cFind(association, { sopClassUid: find, identifier: Buffer.alloc(2) })) {
    expect(match.length).toBe(1000);
    if (given > 5) break;
  }
  await stopped.promise;
  expect((await cEcho(association)).status).toBe(STATUS.SUCCESS);
  await association.release();
});

test('a query whose peer vanishes is ended', async () => {
  const stopped = Promise.withResolvers<string>();
  const port = await serve({
    onFind: async function* () {
      try {
        for (;;) yield Buffer.alloc(100_000);
      } finally {
        stopped.resolve('ended');
      }
    },
  });
  const association = await open(port, [as(find)]);
  for await (const _ of cFind(association, { sopClassUid: find, identifier: Buffer.alloc(2) })) {
    association.abort();
    break;
  }
  expect(await stopped.promise).toBe('ended');
});

test('moves to a third AE, with counts, failures and their list', async () => {
  const stored: string[] = [];
  const target = await serve({
    onStore: async ({ dataSet, sopInstanceUid, originator }) => {
      stored.push(`${sopInstanceUid} ${originator?.aeTitle} ${(await collect(dataSet)).length}`);
      return { status: sopInstanceUid.endsWith('2') ? STATUS.OUT_OF_RESOURCES : STATUS.SUCCESS };
    },
  });
  const port = await serve({
    onRetrieve: async () => [1, 2, 3].map((i) => instance(i, () => Buffer.alloc(i))),
    destinationOf: (aeTitle) => (aeTitle === 'TARGET' ? { host: '127.0.0.1', port: target, aeTitle } : undefined),
  });
  const association = await open(port, [as(move)]);
  const query = { sopClassUid: move, identifier: Buffer.alloc(0) };
  const reports = await all(cMove(association, { ...query, destination: 'TARGET' }));
  expect(stored).toEqual(['1.2.3.1 TEST 1', '1.2.3.2 TEST 2', '1.2.3.3 TEST 3']);
  expect(reports.map(({ remaining, completed, failed }) => [remaining, completed, failed])).toEqual([
    [2, 1, 0],
    [1, 1, 1],
    [0, 2, 1],
  ]);
  expect(reports.at(-1)?.outcome.status).toBe(STATUS.WARNING_SUB_OPERATIONS_FAILED);
  await expect(all(cMove(association, { ...query, destination: 'NOBODY' }))).rejects.toThrow('0xa801');
  await association.release();
});

test('a move whose target cannot be reached fails as a whole', async () => {
  const port = await serve({
    onRetrieve: async () => [instance(1, () => Buffer.alloc(1))],
    destinationOf: (aeTitle) => ({ host: '127.0.0.1', port: 1, aeTitle }),
  });
  const association = await open(port, [as(move)]);
  const moved = all(cMove(association, { sopClassUid: move, identifier: Buffer.alloc(0), destination: 'X' }));
  await expect(moved).rejects.toThrow('0xa702');
  await association.release();
});

test('gets over the same association, transcoding only where it must', async () => {
  const stored: string[] = [];
  const onRequest = serveWith({
    onStore: async ({ dataSet, context }) => {
      stored.push(`${context.transferSyntax} ${await collect(dataSet)}`);
      return { status: STATUS.SUCCESS };
    },
  });
  const port = await serve({
    onRetrieve: async () => [
      instance(1, (uid) => Buffer.from(`from ${uid}`), [EXPLICIT]),
      instance(2, (uid) => Buffer.from(`from ${uid}`), ['1.2.840.10008.1.2.4.90', EXPLICIT]),
      instance(3, (uid) => Buffer.from(`from ${uid}`), ['1.2.840.10008.1.2.4.90']),
    ],
  });
  const association = await open(port, [as(get), as(CT, { scu: false, scp: true })], { onRequest });
  const reports = await all(cGet(association, { sopClassUid: get, identifier: Buffer.alloc(0) }));
  expect(stored).toEqual([`${EXPLICIT} from ${EXPLICIT}`, `${EXPLICIT} from ${EXPLICIT}`]);
  expect(reports.at(-1)).toMatchObject({ completed: 2, failed: 1, outcome: { status: 0xb000 } });
  await association.release();
});

test('commits storage: the action is answered, then the event is reported on the same association', async () => {
  const reported = Promise.withResolvers<string>();
  const port = await serve({
    onAction: async ({ association, information, typeId }) => ({
      status: typeId === 1 ? STATUS.SUCCESS : STATUS.NO_SUCH_ACTION,
      afterwards: () =>
        nEventReport(association, {
          sopClassUid: STORAGE_COMMITMENT,
          sopInstanceUid: STORAGE_COMMITMENT_INSTANCE,
          typeId: 1,
          ...(information ? { information } : {}),
        }),
    }),
  });
  const onRequest = serveWith({
    onEventReport: async ({ information, typeId }) => {
      reported.resolve(`${typeId} ${Buffer.from(information ?? []).toString()}`);
      return { status: STATUS.SUCCESS };
    },
  });
  const association = await open(port, [as(STORAGE_COMMITMENT)], { onRequest });
  const asked = { sopClassUid: STORAGE_COMMITMENT, sopInstanceUid: STORAGE_COMMITMENT_INSTANCE, typeId: 1 };
  expect(await nAction(association, { ...asked, information: Buffer.from('transaction') })).toEqual({ status: 0 });
  expect(await reported.promise).toBe('1 transaction');
  await association.release();
});

test('what has no handler is refused with the standard status, and the association goes on', async () => {
  const port = await serve({});
  const association = await open(port, [as(CT), as(find), as(STORAGE_COMMITMENT), as(VERIFICATION)]);
  expect(
    (
      await cStore(
        association,
        instance(1, () => Buffer.alloc(9)),
      )
    ).status,
  ).toBe(STATUS.UNRECOGNIZED_OPERATION);
  await expect(all(cFind(association, { sopClassUid: find, identifier: Buffer.alloc(0) }))).rejects.toThrow('0x0211');
  expect((await cEcho(association)).status).toBe(STATUS.SUCCESS);
  await association.release();
});

test('a part that was not negotiated is not played', async () => {
  const port = await serve({});
  const association = await open(port, [as(CT, { scu: false, scp: true })]);
  await expect(
    cStore(
      association,
      instance(1, () => Buffer.alloc(1)),
    ),
  ).rejects.toThrow('CONTEXT_NOT_ACCEPTED');
  await association.release();
});

test('instances of many kinds are proposed in groups that fit into an association', () => {
  const kinds = Array.from({ length: 300 }, (_, i) => ({
    ...instance(i, () => Buffer.alloc(0)),
    sopClassUid: `1.2.${i % 150}`,
  }));
  const groups = proposalsFor(kinds.map((each) => ({ ...each, transferSyntaxUids: BOTH })));
  expect(groups.map((group) => group.length)).toEqual([128, 128, 44]);
});
