import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { openChromium } from '../../bench/browser/open-chromium.ts';
import { findChromium } from '../../tools/find-program.ts';
import { seriousViolations } from '../clean/visit.ts';
import { visitHostile } from '../clean/visit-hostile.ts';
import { killServers, startedServer } from './started-server.ts';

let browser: Browser | undefined;
let folder = '';

afterEach(async () => {
  await browser?.close();
  killServers();
  await rm(folder, { recursive: true, force: true });
});

test.skipIf(!findChromium())(
  'in a browser: the one-time password, an own one, the sample scans as pictures, another language, out again',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesalius-page-'));
    const [server, opened] = await Promise.all([startedServer(folder), openChromium()]);
    browser = opened;
    const page = await browser.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/.test(message.text())) problems.push(message.text());
    });
    await page.goto(server.url);
    await page.getByLabel('Name').waitFor();
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByLabel('Name').fill('admin');
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill('a wrong guess');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Name or password is wrong').waitFor();
    await page.getByRole('textbox', { name: 'Password', exact: true }).fill(server.firstAdmin?.oneTimePassword ?? '');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('New password').fill('a long enough password');
    await page.getByRole('button', { name: 'Save' }).click();
    const pictures = page.locator('table img');
    await pictures.first().waitFor();
    const width = (element: Element) => (element as unknown as { naturalWidth: number }).naturalWidth;
    await expect.poll(() => pictures.first().evaluate(width), { timeout: 20_000 }).toBeGreaterThan(0);
    expect(await seriousViolations(page)).toEqual([]);
    await page.getByRole('searchbox').fill('no study has this name');
    await page.getByText('No study fits.').waitFor();
    await page.getByLabel('Language').selectOption('zh');
    await page.getByText('没有符合条件的检查。').waitFor();
    await page.getByLabel('语言').selectOption('en');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(problems).toEqual([]);
    expect(await server.stop()).toBe(0);
  },
);

test.skipIf(!findChromium())(
  'axe-core finds nothing serious on any page or dialog',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'vesalius-pages-'));
    browser = await openChromium();
    const { pages, violations } = await visitHostile({ folder, browser, languages: ['en'], axe: true });
    expect(pages).toBeGreaterThan(20);
    expect(violations).toEqual([]);
  },
  120_000,
);
