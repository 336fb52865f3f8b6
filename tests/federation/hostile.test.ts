import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError } from '@connectrpc/connect';
import type { FederationAnswer } from '@vesalius/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAuthority, requestCertificate } from '../../packages/server/src/federation/certificates/authority.ts';
import { sealedFiles } from '../../packages/server/src/federation/certificates/sealed-file.ts';
import { dial } from '../../packages/server/src/federation/site/dial.ts';
import { killServers } from '../server/started-server.ts';
import { flood } from './flood.ts';
import { type HandSite, joinByHand, openHandSite } from './hand-site.ts';
import { create, federationOf, House, reached } from './hospitals.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-hostile-'));
let coordinator: House;
afterAll(() => {
  killServers();
  rmSync(folder, { recursive: true, force: true });
});
beforeAll(async () => {
  coordinator = await House.open(join(folder, 'coordinator'), '--federation-port', '0');
});

/** A running federation whose only sites are in a test's hands. */
async function running(
  names: readonly string[],
  more: object = {},
): Promise<{ federation: FederationAnswer; sites: HandSite[] }> {
  const federation = await create(coordinator, { minimumSites: names.length, evaluateEvery: 0, ...more });
  const sites = [];
  for (const name of names) sites.push(await openHandSite(coordinator, federation, { name }));
  await coordinator.client.call('startFederation', { params: { federation: federation.id } });
  return { federation, sites };
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'answered',
    (error: unknown) => (error instanceof ConnectError ? (Code[error.code] ?? '') : String(error)),
  );

test('what is sent twice is counted once, and an older token or another update is refused', async () => {
  const { federation, sites } = await running(['a', 'b'], { rounds: 2 });
  const [a, b] = sites as [HandSite, HandSite];
  const task = await a.next();
  const sent = { round: 1, token: task.token, update: a.update(1, 0.5), examples: 10, steps: 1 };
  const first = await a.client.submitUpdate(sent);
  const again = await Promise.all([1, 2, 3].map(() => a.client.submitUpdate(sent)));
  expect(first.duplicate).toBe(false);
  for (const { duplicate, receipt } of again) expect([duplicate, receipt]).toEqual([true, first.receipt]);
  expect(await codeOf(a.client.submitUpdate({ ...sent, update: a.update(1, 9) }))).toBe('AlreadyExists');
  expect(await codeOf(b.client.submitUpdate(sent))).toBe('PermissionDenied');
  const other = await b.next();
  await b.client.submitUpdate({ ...sent, token: other.token, update: b.update(1, 0.5) });
  await reached(coordinator, federation.id, ({ round }) => round === 1);
  expect((await a.client.submitUpdate(sent)).duplicate).toBe(true);
  const replayed = { ...sent, round: 2, update: a.update(2, 0.5) };
  expect(await codeOf(a.client.submitUpdate(replayed))).toBe('PermissionDenied');
  const { rounds } = await federationOf(coordinator, federation.id);
  expect(rounds[0]?.counted).toEqual(['a', 'b']);
  const exchanges = await coordinator.client.call('listExchanges', { params: { federation: federation.id } });
  expect(exchanges.map(({ site, sequence }) => [site, sequence])).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
});

test('updates that are no numbers, too large, cut off or not of the plan are refused; others go on', async () => {
  const { federation, sites } = await running(['a', 'b', 'c', 'd', 'e'], {
    rounds: 1,
    minimumSites: 1,
    largestNorm: 1000,
  });
  const [a, b, c, d, e] = sites as [HandSite, HandSite, HandSite, HandSite, HandSite];
  const wrong = [
    [a, a.update(1, Number.NaN)],
    [b, b.update(1, 1e6)],
    [c, c.update(1).subarray(0, 1000)],
    [d, new Uint8Array(20).fill(255)],
  ] as const;
  for (const [site, update] of wrong) {
    const { token } = await site.next();
    const sent = { round: 1, token, update: new Uint8Array(update), examples: 10 };
    expect(await codeOf(site.client.submitUpdate(sent))).toBe('InvalidArgument');
  }
  const { token } = await e.next();
  await e.client.submitUpdate({ round: 1, token, update: e.update(1, 0.001), examples: 10 });
  const { rounds } = await reached(coordinator, federation.id, ({ state }) => state === 'finished');
  expect(rounds[0]?.counted).toEqual(['e']);
});

test('a message of 1 GB is refused before it is kept, and a stranger is cut off much earlier', async () => {
  const { sites } = await running(['a'], { rounds: 1 });
  const [a] = sites as [HandSite];
  expect(await flood(a, a.own, 1 << 30)).toBeLessThan(300 << 20);
  expect(await flood(a, undefined, 1 << 30)).toBeLessThan(200 << 20);
  expect(await codeOf(a.client.announce({ version: { major: 1, minor: 1 } }))).toBe('answered');
  const memory = readFileSync(`/proc/${coordinator.server.child.pid}/status`, 'utf8');
  expect(Number(/VmHWM:\s+(\d+)/.exec(memory)?.[1])).toBeLessThan(1_200_000);
});

test('an impostor, a stranger, an invitation used twice and a site that was removed stay outside', async () => {
  const { federation, sites } = await running(['a', 'b'], { rounds: 1, minimumSites: 1 });
  const [a, b] = sites as [HandSite, HandSite];
  const version = { major: 1, minor: 1 };
  const hello = (own?: HandSite['own']) => {
    const dialled = dial({ url: a.url, authority: a.authority, ...(own && { own }), messageBytes: 1 << 20 });
    return codeOf(dialled.client.announce({ version })).finally(() => dialled.close());
  };
  const foreign = await openAuthority(join(folder, 'foreign'), sealedFiles(undefined));
  const { key, request } = await requestCertificate('a');
  const forged = await foreign.signSite(request, { site: 'a', federation: federation.id });
  // Answered so, or its connection ended.
  expect(await hello({ key, certificate: forged?.certificate ?? '' })).toMatch(/Unauthenticated|Internal/);
  expect(await hello()).toBe('Unauthenticated');
  expect(await codeOf(joinByHand(a.invitation))).toBe('PermissionDenied');
  expect(await hello(b.own)).toBe('answered');
  const params = { federation: federation.id, site: 'b' };
  await coordinator.client.call('changeSite', { params, body: { action: 'remove' } });
  expect(await hello(b.own)).toBe('Unauthenticated');
  const { token } = await a.next();
  await a.client.submitUpdate({ round: 1, token, update: a.update(1), examples: 1 });
  await reached(coordinator, federation.id, ({ state }) => state === 'finished');
  const { url } = coordinator.server;
  const refused = await fetch(`${url}/api/audit?action=federation+refused`, {
    headers: { authorization: `Bearer ${coordinator.token}` },
  });
  expect(await refused.text()).toMatch(/another authority.*|certificate of b, removed/);
});

test('a site one minor version behind works, by whole models; one of another major version does not', async () => {
  const federation = await create(coordinator, { minimumSites: 1, evaluateEvery: 0, rounds: 2, down: '8-bit' });
  const old = await openHandSite(coordinator, federation, { name: 'old', version: { major: 1, minor: 0 } });
  await coordinator.client.call('startFederation', { params: { federation: federation.id } });
  for (const round of [1, 2]) {
    const task = await old.next({ modelVersion: round - 1 });
    expect([task.round, task.changes.length]).toEqual([round, 0]);
    expect(task.model.length).toBeGreaterThan(100_000);
    await old.client.submitUpdate({ round, token: task.token, update: old.update(round, 0.01), examples: 5 });
  }
  const { sites } = await reached(coordinator, federation.id, ({ state }) => state === 'finished');
  expect(sites[0]?.version).toBe('1.0');
  expect(await codeOf(old.client.announce({ version: { major: 2, minor: 0 } }))).toBe('FailedPrecondition');
});

test('a certificate is renewed for another key, and the old one ends when the new one is used', async () => {
  const { sites } = await running(['a'], { rounds: 1 });
  const [a] = sites as [HandSite];
  const { key, request } = await requestCertificate('a');
  const { certificate } = await a.client.renew({ certificateRequest: request });
  const version = { major: 1, minor: 1 };
  expect(await codeOf(a.client.announce({ version }))).toBe('answered');
  const renewed = dial({ url: a.url, authority: a.authority, own: { key, certificate }, messageBytes: 1 << 20 });
  expect(await codeOf(renewed.client.announce({ version }))).toBe('answered');
  expect(await codeOf(a.client.announce({ version }))).toBe('Unauthenticated');
  renewed.close();
});
