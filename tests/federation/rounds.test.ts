import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { killServers } from '../server/started-server.ts';
import { create, federationOf, House, letIn, reached } from './hospitals.ts';
import { writeImages } from './images.ts';

/** Longer than a site waits before it asks again. */
const WATCHED_MS = 4000;
const SITES = ['a', 'b', 'c', 'd', 'e'];
const folder = mkdtempSync(join(tmpdir(), 'vesalius-rounds-'));
afterAll(() => {
  killServers();
  rmSync(folder, { recursive: true, force: true });
});

test('five hospitals train together; a coordinator and a site that are killed lose nothing, and nothing is counted twice', async () => {
  const coordinator = await House.open(join(folder, 'coordinator'), '--federation-port', '0');
  const port = new URL(coordinator.server.federationUrl ?? '').port;
  coordinator.line.splice(0, 2, '--federation-port', port);
  const houses = await Promise.all(SITES.map((name) => House.open(join(folder, name))));
  const { id } = await create(coordinator, { rounds: 4, minimumSites: 5, up: '8-bit', down: '8-bit' });
  for (const [n, site] of houses.entries()) {
    const name = SITES[n] ?? '';
    await letIn(coordinator, site, { federation: id, name, data: writeImages(join(folder, `${name}.safetensors`), n) });
  }
  await coordinator.client.call('startFederation', { params: { federation: id } });
  const [first] = houses as [House];
  await reached(coordinator, id, ({ round }) => round >= 1);
  await Promise.all([coordinator.killAndStart(), first.killAndStart()]);
  await reached(coordinator, id, ({ round }) => round >= 2);
  await first.killAndStart();
  const ended = await reached(coordinator, id, ({ state }) => state === 'finished', 150);
  expect(ended.rounds.map(({ counted }) => counted)).toEqual([SITES, SITES, SITES, SITES]);
  expect(ended.rounds.at(-1)?.pooledAuc).toBeGreaterThan(0.75);
  const params = { federation: id };
  const all = await coordinator.client.call('listExchanges', { params });
  for (const [n, site] of houses.entries()) {
    const name = SITES[n];
    // What the site wrote down is what the coordinator wrote down, hash by hash.
    const own = await site.client.call('listExchanges', { params });
    const here = all.filter((exchange) => exchange.site === name);
    expect(own.map(({ hash, round }) => [round, hash])).toEqual(here.map(({ hash, round }) => [round, hash]));
    expect(own.map(({ round }) => round)).toEqual([1, 2, 3, 4]);
    expect(await site.client.call('verifyAudit')).toMatchObject({ intact: true });
  }
  // 8-bit both ways: less than a third of dense float32, TLS and all. The killed coordinator loses half a second of its meter, which may hold one of
  // the four updates: three of a quarter each remain.
  const dense = Number((await federationOf(coordinator, id)).plan['values']) * 4;
  const quiet = ended.sites.find(({ site }) => site === 'e');
  expect(quiet?.bytesUp).toBeGreaterThan(3 * 0.24 * dense);
  expect(quiet?.bytesUp).toBeLessThan(4 * 0.33 * dense);
}, 280_000);

test('a site refuses the round that would pass its budget', async () => {
  const coordinator = await House.open(join(folder, 'coordinator-2'), '--federation-port', '0');
  const site = await House.open(join(folder, 'private'));
  const data = writeImages(join(folder, 'private.safetensors'), 9);
  const privacy = { epsilon: 8, delta: 1e-3, clipNorm: 0.5 };
  const { id } = await create(coordinator, { rounds: 4, minimumSites: 1, privacy, evaluateEvery: 0 });
  await letIn(coordinator, site, { federation: id, name: 'private', data, budget: 5.5 });
  await coordinator.client.call('startFederation', { params: { federation: id } });
  const stopped = await reached(site, id, ({ problem }) => problem?.code === 'PEER_REFUSED');
  expect(stopped.budget?.spent).toBeLessThanOrEqual(5.5);
  expect(stopped.budget?.spent).toBeGreaterThan(1);
  const { round } = await federationOf(coordinator, id);
  expect(round).toBeGreaterThanOrEqual(1);
  expect(round).toBeLessThan(4);
}, 200_000);

test('a site takes no part before it has approved the plan, and approves no other than the one it was shown', async () => {
  const coordinator = await House.open(join(folder, 'coordinator-3'), '--federation-port', '0');
  const site = await House.open(join(folder, 'unread'));
  const data = writeImages(join(folder, 'unread.safetensors'), 5);
  const { id } = await create(coordinator, { rounds: 2, minimumSites: 1, evaluateEvery: 0 });
  await letIn(coordinator, site, { federation: id, name: 'unread', data, reads: false });
  const params = { federation: id };
  await coordinator.client.call('startFederation', { params });
  const other = site.client.call('approvePlan', { params, body: { planHash: 'f'.repeat(64) } });
  await expect(other).rejects.toThrow();
  await setTimeout(WATCHED_MS);
  expect(await coordinator.client.call('listExchanges', { params })).toEqual([]);
  expect((await federationOf(coordinator, id)).round).toBe(0);
  const { planHash } = await federationOf(site, id);
  await site.client.call('approvePlan', { params, body: { planHash } });
  await reached(coordinator, id, ({ state }) => state === 'finished');
}, 200_000);
