import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MonailabelServer, serveMonailabel } from './monailabel-server.ts';

let server: MonailabelServer;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesalius-ohif-'));
  await mkdir(join(folder, 'ohif/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.js'), 'secret');
  await writeFile(join(folder, 'ohif/index.html'), '<title>page</title>');
  await writeFile(join(folder, 'ohif/assets/a.js'), 'one');
  server = await serveMonailabel({ auth: false, withModel: false, ohifFolder: join(folder, 'ohif') });
}, 60_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true });
});

/** With whatever headers: `fetch` keeps some to itself. */
function status(path: string, headers: Record<string, string> = {}, base = server.alone): Promise<number> {
  return new Promise((resolve, reject) => {
    request(base + path, { headers }, (answer) => resolve(answer.resume().statusCode ?? 0))
      .on('error', reject)
      .end();
  });
}

test('where the settings ask for no credentials, clients are told by a route that is missing', async () => {
  expect(await status('/auth/')).toBe(404);
  expect(await status('/info/')).toBe(200);
  expect(await status('/info')).toBe(200);
  expect(await status('/proxy/dicom/qido/studies')).toBe(200);
});

test('without credentials there is one project, and nothing of the rest of the server', async () => {
  const { running } = server;
  expect(await status('/logs/')).toBe(403);
  expect(await status('/api/users')).toBe(404);
  for (const path of ['/dicom-web/studies', '/api/me', '/projects/other/monailabel/info/']) {
    const code = await status(path, {}, running.url);
    expect([path, [401, 403, 404].includes(code)]).toEqual([path, true]);
  }
  expect(await status('/monailabel/info/', {}, running.url)).toBe(200);
  expect(await status('/projects/default/monailabel/info/', {}, running.url)).toBe(200);
});

test('pages of other sites are not let in, by whatever name they call the server', async () => {
  expect(await status('/info/', { 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await status('/info/', { origin: 'http://elsewhere.example' })).toBe(403);
  expect(await status('/info/', { host: 'rebound.example' })).toBe(403);
  expect(await status('/info/', { host: 'localhost:8000' })).toBe(200);
  expect(await status('/info/', { authorization: 'Bearer vsl_0123456789abcdef_x' })).toBe(401);
});

test('of OHIF the files of its folder are given, and its page for what only the page understands', async () => {
  const get = async (path: string) => fetch(`${server.alone}/ohif/${path}`);
  expect(await (await get('assets/a.js')).text()).toBe('one');
  const page = await get('monai-label?StudyInstanceUIDs=1.2');
  expect(await page.text()).toContain('<title>page</title>');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  for (const path of ['..%2fsecret.js', '%2e%2e/secret.js', 'assets/..%2f..%2fsecret.js', 'missing.js'])
    expect([path, await status(`/ohif/${path}`)]).toEqual([path, 404]);
  expect((await fetch(`${server.alone}/info/`)).headers.get('content-security-policy')).not.toContain('unsafe-inline');
});
