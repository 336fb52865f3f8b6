import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { killServers } from '../server/started-server.ts';
import { create, House, letIn, reached } from './hospitals.ts';
import { writeImages } from './images.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-federation-'));
afterAll(() => {
  killServers();
  rmSync(folder, { recursive: true, force: true });
});

test('five hospitals and a coordinator train together', async () => {
  const coordinator = await House.open(join(folder, 'coordinator'), '--federation-port', '0');
  const { id } = await create(coordinator);
  const site = await House.open(join(folder, 'a'));
  const other = await House.open(join(folder, 'b'));
  await letIn(coordinator, site, { federation: id, name: 'a', data: writeImages(join(folder, 'a.safetensors'), 1) });
  await letIn(coordinator, other, { federation: id, name: 'b', data: writeImages(join(folder, 'b.safetensors'), 2) });
  await coordinator.client.call('startFederation', { params: { federation: id } });
  const ended = await reached(coordinator, id, ({ state }) => state === 'finished', 20).catch((error) => {
    console.log(coordinator.server.log(), site.server.log());
    throw error;
  });
  console.log(JSON.stringify(ended, null, 1));
  expect(ended.round).toBe(3);
});
