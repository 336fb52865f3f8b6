import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { killServers, type StartedServer, startedServer } from '../server/started-server.ts';
import { openWorkbench } from './open-workbench.ts';

let folder = '';
let server: StartedServer;
let browser: Browser | undefined;
let page: Page;

beforeAll(async () => {
  if (!findChromium()) return;
  folder = await mkdtemp(join(tmpdir(), 'vesalius-admin-'));
  [server, browser] = await Promise.all([startedServer(folder, '--no-samples'), openChromium()]);
  ({ page } = await openWorkbench(server, browser));
  await page.goto(server.url);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  killServers();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

const statusWith = async (token: string, path: string) =>
  (await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } })).status;

test.skipIf(!findChromium())(
  'a token is made, shown once, does what it may and no more, and is revoked',
  async () => {
    await page.getByRole('link', { name: 'Tokens' }).click();
    const form = page.getByRole('form', { name: 'New token' });
    await form.getByLabel('Name').fill('nightly');
    await form.getByLabel('jobs.read').check();
    await form.getByRole('button', { name: 'Make it' }).click();
    const token = (await page.getByRole('status').locator('code').textContent()) ?? '';
    expect(await statusWith(token, '/api/jobs')).toBe(200);
    expect(await statusWith(token, '/api/users')).toBe(403);
    await page.reload();
    await page.getByRole('row').filter({ hasText: 'nightly' }).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('row').filter({ hasText: 'nightly' }).waitFor({ state: 'detached' });
    expect(await statusWith(token, '/api/jobs')).toBe(401);
  },
  30_000,
);

test.skipIf(!findChromium())(
  'a project and a user are added, who then signs in and sees no more than the role allows; the log tells of it',
  async () => {
    await page.getByRole('link', { name: 'Users' }).click();
    const project = page.getByRole('form', { name: 'New project' });
    await project.getByLabel('Short name').fill('trial');
    await project.getByLabel('Name', { exact: true }).fill('A trial');
    await project.getByRole('button', { name: 'Add' }).click();
    const user = page.getByRole('form', { name: 'New user' });
    await user.getByLabel('Project').locator('option', { hasText: 'A trial' }).waitFor({ state: 'attached' });
    await user.getByLabel('Name').fill('eva');
    await user.getByLabel('Role').selectOption({ label: 'Viewer' });
    await user.getByLabel('Project').selectOption({ label: 'A trial' });
    await user.getByRole('button', { name: 'Add' }).click();
    const row = page.getByRole('row').filter({ hasText: 'eva' });
    await row.getByText('Viewer: A trial').waitFor();
    const password = (await page.getByRole('status').locator('code').textContent()) ?? '';
    const other = await (await (browser as Browser).newContext()).newPage();
    await other.goto(server.url);
    await other.getByLabel('Name').fill('eva');
    await other.getByLabel('Password').fill(password);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other.getByLabel('New password').fill('another long password');
    await other.getByRole('button', { name: 'Save' }).click();
    await other.getByRole('button', { name: 'Sign out' }).waitFor();
    expect(await other.getByRole('link', { name: 'Users' }).count()).toBe(0);
    await other.context().close();
    await page.reload();
    await row.getByRole('button', { name: 'Take the role of eva in A trial away' }).click();
    await row.getByText('Viewer: A trial').waitFor({ state: 'detached' });
    await row.getByRole('button', { name: 'Disable' }).click();
    await row.getByText('disabled').waitFor();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByLabel('Action').fill('user-created');
    await page.getByRole('button', { name: 'Find' }).click();
    await expect.poll(() => page.locator('tbody tr').count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Verify the log' }).click();
    await page.getByText(/^Intact: \d+ events\.$/).waitFor();
  },
  60_000,
);
