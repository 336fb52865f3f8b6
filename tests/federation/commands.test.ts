import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FederationAnswer } from '@vesalius/api';
import { afterAll, expect, test, vi } from 'vitest';
import { COMMANDS } from '../../packages/cli/src/commands/commands.ts';
import { runCommandLine } from '../../packages/cli/src/run-command-line.ts';
import { killServers } from '../server/started-server.ts';
import { House, reached } from './hospitals.ts';
import { SHAPE, writeImages } from './images.ts';

const folder = mkdtempSync(join(tmpdir(), 'vesalius-commands-'));
afterAll(() => {
  killServers();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What `vesalius federate` says beside the server of a house; errors are thrown. */
async function federate(house: House, ...words: readonly string[]): Promise<string> {
  vi.stubEnv('VESALIUS_TOKEN', house.token);
  let [said, complained] = ['', ''];
  const write = (into: (text: string) => void) => ({ write: into });
  const status = await runCommandLine(COMMANDS, ['federate', ...words, '--data', house.dataFolder], {
    stdout: write((text) => {
      said += text;
    }),
    stderr: write((text) => {
      complained += text;
    }),
    signal: new AbortController().signal,
    cwd: folder,
  });
  return status === 0 ? said.trim() : `status ${status}: ${complained}`;
}

const stateOf = ({ sites }: FederationAnswer, site: string) => sites.find((each) => each.site === site)?.state;

test('the command line leads two hospitals through a federation, from invitation to removal', async () => {
  const coordinator = await House.open(join(folder, 'coordinator'), '--federation-port', '0');
  const site = await House.open(join(folder, 'site'));
  const sizes = ['--rounds', '2', '--local-steps', '2', '--batch', '8', '--minimum-sites', '1'];
  await federate(coordinator, 'init', 'nodules', '--shape', SHAPE, ...sizes);
  const [{ id } = { id: '' }] = await coordinator.client.call('listFederations');
  expect(await federate(coordinator, 'status')).toContain(`${id}  coordinator, waiting, round 0 of 2`);

  const invitation = await federate(coordinator, 'invite', id, 'st-anna');
  const images = writeImages(join(folder, 'images.safetensors'), 1);
  expect(await federate(site, 'join', invitation, images, '--cohort', '5')).toContain(`${id}  site, waiting`);
  expect(await federate(site, 'join', invitation, images)).toContain('one that this server has no part in');
  expect(stateOf(await reached(coordinator, id, (found) => stateOf(found, 'st-anna') === 'joined'), 'st-anna')).toBe(
    'joined',
  );

  const { planHash } = await reached(site, id, ({ plan }) => Object.keys(plan).length > 0);
  expect(await federate(site, 'approve', id, '--plan', '0'.repeat(64))).toContain('hash of the plan');
  expect(await federate(site, 'approve', id, '--plan', planHash)).toContain(`plan ${planHash}, approved`);

  for (const [action, state] of [
    ['approve', 'approved'],
    ['pause', 'paused'],
    ['resume', 'approved'],
  ] as const) {
    await federate(coordinator, action, id, 'st-anna');
    expect(stateOf(await reached(coordinator, id, () => true), 'st-anna')).toBe(state);
  }

  expect(await federate(site, 'pause', id)).toContain('site, paused');
  expect(await federate(coordinator, 'start', id)).toContain('coordinator, running');
  expect(await federate(coordinator, 'pause', id)).toContain('coordinator, paused');
  expect(await federate(coordinator, 'resume', id)).toContain('coordinator, running');
  expect(await federate(site, 'resume', id)).not.toContain('paused');
  await reached(coordinator, id, ({ state }) => state === 'finished');
  expect(await federate(coordinator, 'status', id)).toMatch(/finished, round 2 of 2.*st-anna.*2 rounds/s);

  await federate(coordinator, 'remove', id, 'st-anna');
  expect(stateOf(await reached(coordinator, id, () => true), 'st-anna')).toBe('removed');
  await federate(site, 'remove', id);
  expect(await site.client.call('listFederations')).toEqual([]);
  expect(await federate(site, 'status', id)).toContain('federation');
  expect(await federate(site, 'invite', id)).toContain('FEDERATION SITE');
}, 200_000);
